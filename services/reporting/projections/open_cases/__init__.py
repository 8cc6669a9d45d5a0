"""Which cases are there to work on?"""
