"""What people agree on, and whether it is done."""
