"""A marked person goes through every door and every failure; the mark is found nowhere in clear (R21)."""
