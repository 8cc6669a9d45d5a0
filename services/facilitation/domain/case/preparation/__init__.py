"""Preparing each participant alone, and how far those who did harm take responsibility."""
