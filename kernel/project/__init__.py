"""Read models: pure folds of events into documents, kept with what each document has folded."""
