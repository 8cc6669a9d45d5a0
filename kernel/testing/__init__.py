"""The test kit: specs in given, when, then; builders; searches through histories."""
