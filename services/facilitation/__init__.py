"""Facilitation: preparing and holding the meetings, letters and messages of a case."""
