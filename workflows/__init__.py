"""The order's life as durable workflows: deterministic, told in verbs."""
