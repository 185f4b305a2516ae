"""Everything that leaves the house over HTTP: one module per party, no retries, no personal data in errors."""
