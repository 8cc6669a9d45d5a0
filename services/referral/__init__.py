"""Referrals: who is put forward for restorative justice, and what becomes of it."""
