"""Every door of the API under fire: generated requests of every role, and the tricks of those who try doors."""
