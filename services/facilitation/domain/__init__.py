"""The facilitation service's domain: pure, without I/O, clock or ids of its own."""
