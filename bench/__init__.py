"""Measurements: what an order costs, beside something to compare it with."""
