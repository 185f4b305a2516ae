"""PostgreSQL's programs are told where the database is as our own connections are, and are heard out."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.postgres_programs import ProgramFailed, Programs

_TELLS = """#!/bin/sh
env >&2
for argument; do echo "argument: $argument" >&2; done
exit 1
"""


def told(tmp_path: Path, database_url: str) -> tuple[dict[str, str], str]:
    """The variables and the address that a program of this database gets."""
    (tmp_path / "pg_dump").write_text(_TELLS)
    (tmp_path / "pg_dump").chmod(0o700)
    with pytest.raises(ProgramFailed) as said:
        Programs(tmp_path, 18).start("pg_dump", ["--format=custom"], database_url).ended()
    lines = str(said.value).removeprefix("pg_dump: ").splitlines()
    [address] = [line.partition("--dbname=")[2] for line in lines if "--dbname=" in line]
    return dict(line.split("=", 1) for line in lines if not line.startswith("argument: ")), address


def test_what_stands_in_libpqs_variables_goes_on_and_the_address_comes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (
        ("PGHOST", "db.internal"), ("PGPORT", "6543"), ("PGPASSWORD", "a secret"), ("PGSSLMODE", "disable"),
        ("PGDATABASE", "shop"), ("ORDERFLOW_VAULT_MASTER_KEYS", "a secret"),
    ):  # fmt: skip
        monkeypatch.setenv(name, text)
    variables, address = told(tmp_path, "postgresql://keeper@/?sslmode=verify-full&sslrootcert=/etc/ca.pem")
    assert {name: text for name, text in variables.items() if name.startswith(("PG", "ORDERFLOW"))} == {
        "PGHOST": "db.internal", "PGPORT": "6543", "PGPASSWORD": "a secret", "PGUSER": "keeper",
        "PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/etc/ca.pem", "PGDATABASE": "shop",
    }  # fmt: skip
    assert address == "dbname=shop"


def test_what_has_no_variable_goes_in_the_arguments_but_no_secret_does(tmp_path: Path) -> None:
    _, address = told(tmp_path, "postgresql://keeper:secret@db/shop?keepalives_idle=7&sslpassword=secret")
    assert address == "dbname=shop keepalives_idle=7"


def test_without_a_name_the_database_is_the_users(tmp_path: Path) -> None:
    assert told(tmp_path, "postgresql://keeper@db")[1] == "dbname=keeper"


def test_a_program_that_says_much_before_it_fails_is_heard_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "pg_dump").write_text("#!/bin/sh\nseq 40000 >&2\necho the reason >&2\nexit 3\n")
    (tmp_path / "pg_dump").chmod(0o700)
    running = Programs(tmp_path, 18).start("pg_dump", [], "postgresql://db/shop")
    assert not running.runs_after(60)
    with pytest.raises(ProgramFailed, match=r"39999\n40000\nthe reason$"):
        running.ended()


def test_a_program_that_fails_without_a_word_is_told_with_its_code(tmp_path: Path) -> None:
    (tmp_path / "pg_dump").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "pg_dump").chmod(0o700)
    with pytest.raises(ProgramFailed, match="pg_dump: ended with 3 and said nothing"):
        Programs(tmp_path, 18).start("pg_dump", [], "postgresql://db/shop").ended()
