"""The domain of the referral service: pure, no I/O."""
