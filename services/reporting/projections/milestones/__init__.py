"""When did a case take each step?"""
