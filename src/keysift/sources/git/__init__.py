"""Git: what a repository holds, read through git's own plumbing.

A repository is somebody else's: nothing that its configuration names is ever run, nothing is
fetched, nothing is written.
"""
