"""One case as facilitation knows it: who is in it, and which methods everybody agrees to."""
