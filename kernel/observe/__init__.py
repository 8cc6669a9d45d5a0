"""What can be seen of a running service: logs, metrics, correlation; never personal data."""
