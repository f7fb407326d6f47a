"""What a change of the detectors does to 60 real packages: a snapshot of what is found there."""
