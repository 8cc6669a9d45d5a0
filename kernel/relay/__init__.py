"""From the commit store to the log: leases, outbox, marks, and the relay that publishes."""
