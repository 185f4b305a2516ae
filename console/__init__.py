"""The web desks: a client of the REST API like any other. It imports nothing of ours but the API's schemas."""
