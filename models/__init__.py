"""Shapes that cross a boundary: messages of Temporal (pydantic) and tables (SQLModel)."""
