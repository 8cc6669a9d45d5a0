"""One folder per question that reporting answers."""
