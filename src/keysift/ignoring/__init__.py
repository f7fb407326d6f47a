"""What people decided to ignore, as files say it: baselines, and rules of a configuration."""
