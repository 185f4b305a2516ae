"""The database's history, applied by ``orderflow migrate`` (alembic)."""
