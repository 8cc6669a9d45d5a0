"""How people fare afterwards, and concerns for anybody's safety."""
