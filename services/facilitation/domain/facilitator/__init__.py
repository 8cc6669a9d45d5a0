"""A facilitator: fit to practise or not, impartial in which cases, spoken for when."""
