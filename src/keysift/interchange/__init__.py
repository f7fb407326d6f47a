"""Rules of other scanners as detectors of ours, and what of them could not be carried over."""
