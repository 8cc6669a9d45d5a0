"""The token of an incident: what keeps it to one open case."""
