"""The commit store: one commit document per append, optimistic, idempotent by command."""
