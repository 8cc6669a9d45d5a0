"""How does this case stand?"""
