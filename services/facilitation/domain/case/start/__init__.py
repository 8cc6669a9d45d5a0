"""Beginning an activity: a meeting, the delivery of a letter, a message that is carried over."""
