"""Entries that turn out to be mistakes."""
