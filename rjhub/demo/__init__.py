"""A published quarter of casework, played on a running hub through its public HTTP alone."""
