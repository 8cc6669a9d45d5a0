"""By which method people come together, at which place; and whether they are ready to."""
