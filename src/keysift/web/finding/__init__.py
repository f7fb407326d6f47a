"""The page of one finding: what it shows, and how a value is revealed on it."""
