"""Asking another service to carry out a command: the one thing that does not go by the log."""
