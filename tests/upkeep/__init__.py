"""Keys, erasure, roles, and what the house does by the clock."""
