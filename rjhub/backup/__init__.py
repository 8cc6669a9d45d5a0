"""Backups of all stores of a hub, made while it works, and their way back."""
