"""Letters, recordings and messages between people who do not meet."""
