"""From the log to the folds: batches of raw records, and positions beside the documents."""
