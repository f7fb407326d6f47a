"""What CI systems show of a run: annotations, summaries, code quality, test results."""
