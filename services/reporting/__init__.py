"""Reporting: read models over the public log."""
