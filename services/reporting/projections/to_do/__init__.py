"""What is there to do in a case, and by when?"""
