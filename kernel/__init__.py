"""The event-sourcing kit; it knows no domain."""
