"""Consent: who agrees to what, per case, and whether an activity may go ahead."""
