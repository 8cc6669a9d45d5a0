"""Read models made anew from the log beside those that answer, and put in their place."""
