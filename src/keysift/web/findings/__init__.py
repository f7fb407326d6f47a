"""The list of findings: what is asked for, the rows, decisions about many, saved views."""
