"""The published language: all that services and subscribers know of each other."""
