"""What makes the referral service act by itself."""
