"""The consent ledger of one case: who said what, and which methods everybody agrees to."""
