"""The embedded stack: everything ``orderflow up`` runs on one machine, and the supervisor that keeps it."""
