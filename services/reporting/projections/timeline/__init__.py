"""What happened in this case, and why?"""
