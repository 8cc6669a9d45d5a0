"""The command line: runs the hub on one machine and operates it anywhere."""
