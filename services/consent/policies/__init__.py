"""What makes the consent service act by itself."""
