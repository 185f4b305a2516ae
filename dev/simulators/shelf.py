"""What the simulated parties remember: JSON documents by kind and id, kept in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]

_TABLE = """
CREATE TABLE IF NOT EXISTS documents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
)
"""


class Shelf:
    """Documents survive a restart; ``path`` None keeps them in memory only. Lists keep the order of first writing."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        # One event loop owns the shelf; tests may close it from another thread than the one that built it.
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        # A power cut may cost a simulator its last second; nobody's money is in here.
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute(_TABLE)

    def put(self, kind: str, identity: str, body: Document) -> None:
        """Write or replace one document."""
        self._database.execute(
            "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            (kind, identity, json.dumps(body, ensure_ascii=False)),
        )

    def get(self, kind: str, identity: str) -> Document | None:
        """The document, None if there is none."""
        row = self._database.execute(
            "SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, identity)
        ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def all(self, kind: str) -> list[Document]:
        """Every document of the kind, oldest first."""
        rows = self._database.execute("SELECT body FROM documents WHERE kind = ? ORDER BY position", (kind,))
        return [json.loads(body) for (body,) in rows]

    def drop(self, kind: str, identity: str) -> None:
        """Forget one document."""
        self._database.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, identity))

    def count(self, kind: str) -> int:
        """How many documents of the kind there are."""
        return int(self._database.execute("SELECT count(*) FROM documents WHERE kind = ?", (kind,)).fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._database.close()
