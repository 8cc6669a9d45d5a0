"""Written from the events themselves: schemas, samples, the AsyncAPI document, docs/events.md."""
