"""The doors, one module for each room; each is thin and locked (STYLE 8)."""
