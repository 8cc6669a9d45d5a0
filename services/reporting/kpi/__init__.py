"""The hub's figures: each a question asked of the milestones of every case, never a counter."""
