"""A referral: one incident or dispute, one case, one stream."""
