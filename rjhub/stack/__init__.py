"""What a hub of containers needs once before it starts: keys, then users, replica set, topics."""
