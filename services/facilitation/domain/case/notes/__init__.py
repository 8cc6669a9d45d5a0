"""What a case takes note of, and what that ends in the same commit."""
