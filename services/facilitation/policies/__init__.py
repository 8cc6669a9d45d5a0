"""What makes the facilitation service act by itself."""
