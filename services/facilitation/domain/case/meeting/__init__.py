"""Meetings, from the date that is set to what became of it."""
