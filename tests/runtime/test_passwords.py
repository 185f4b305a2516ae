"""Passwords and tokens as they are kept."""

from __future__ import annotations

from argon2 import extract_parameters
from argon2.low_level import Type

from runtime.opaque import MACHINE, SESSION, digest, new_token
from runtime.passwords import hash_password, matches


def test_a_password_is_kept_as_argon2id_at_a_price_that_hurts_guessers() -> None:
    stored = hash_password("four invented words")
    parameters = extract_parameters(stored)
    assert parameters.type is Type.ID
    # OWASP's least is 19 MiB and two passes.
    assert (parameters.memory_cost, parameters.time_cost) >= (19 * 1024, 2)
    assert matches(stored, "four invented words")
    assert not matches(stored, "four invented words ")
    assert stored != hash_password("four invented words")


def test_where_no_password_is_kept_none_fits() -> None:
    assert not matches(None, "")
    assert not matches("", "anything")
    assert not matches("not a hash", "anything")


def test_a_token_says_what_it_is_and_two_are_never_the_same() -> None:
    tokens = {new_token(SESSION) for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("ofs_") and len(token) >= 47 for token in tokens)
    assert new_token(MACHINE).startswith("ofm_")
    assert len(digest("ofs_x")) == 32
    assert digest("\ud800") != digest("ofs_x")
