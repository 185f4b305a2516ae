"""What is sealed opens in its place, with its key, and nowhere else (R21, R27, R29)."""

from __future__ import annotations

import base64

import pytest

from runtime.crypto import CryptoError, Indexed, NotOpened, UnknownKeyVersion, Vault, WrappedKey, place

ONE, TWO, INDEX = bytes(range(32)), bytes(range(1, 33)), bytes(32)
HERE = place("contacts", "phone", "ct_1")


@pytest.fixture
def vault() -> Vault:
    return Vault({"1": ONE}, "1", INDEX)


def test_a_sealed_value_opens_in_its_place(vault: Vault) -> None:
    key, wrapped = vault.new_key("ct_1")
    sealed = vault.seal(key, "測試 13800138000", HERE)
    assert b"13800138000" not in sealed
    assert vault.open(vault.unwrap("ct_1", wrapped), sealed, HERE) == "測試 13800138000"


@pytest.mark.parametrize("elsewhere", ["contacts:name:ct_1", "contacts:phone:ct_2", "notes:phone:ct_1"])
def test_moved_to_another_place_it_does_not_open(vault: Vault, elsewhere: str) -> None:
    key, _ = vault.new_key("ct_1")
    with pytest.raises(NotOpened):
        vault.open(key, vault.seal(key, "secret", HERE), elsewhere)


def test_tampered_with_in_any_byte_it_does_not_open(vault: Vault) -> None:
    key, _ = vault.new_key("ct_1")
    sealed = vault.seal(key, "secret", HERE)
    for index in range(len(sealed)):
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(NotOpened):
            vault.open(key, changed, HERE)


@pytest.mark.parametrize("rest", [b"", b"\x01", bytes(12)])
def test_what_is_no_ciphertext_does_not_open(vault: Vault, rest: bytes) -> None:
    key, _ = vault.new_key("ct_1")
    with pytest.raises(NotOpened):
        vault.open(key, rest, HERE)


def test_the_key_of_one_person_opens_nothing_of_another(vault: Vault) -> None:
    mine, _ = vault.new_key("ct_1")
    yours, _ = vault.new_key("ct_2")
    with pytest.raises(NotOpened):
        vault.open(yours, vault.seal(mine, "secret", HERE), HERE)


def test_a_wrapped_key_opens_for_its_owner_only(vault: Vault) -> None:
    _, wrapped = vault.new_key("ct_1")
    with pytest.raises(NotOpened):
        vault.unwrap("ct_2", wrapped)


def test_a_master_key_of_another_version_is_refused(vault: Vault) -> None:
    _, wrapped = vault.new_key("ct_1")
    with pytest.raises(UnknownKeyVersion):
        vault.unwrap("ct_1", WrappedKey(wrapped.wrapped, "2"))
    impostor = Vault({"1": TWO}, "1", INDEX)
    with pytest.raises(NotOpened):
        impostor.unwrap("ct_1", wrapped)


def test_after_a_new_master_key_everything_old_opens_and_can_be_wrapped_anew(vault: Vault) -> None:
    key, wrapped = vault.new_key("ct_1")
    sealed = vault.seal(key, "secret", HERE)
    both = Vault({"1": ONE, "2": TWO}, "2", INDEX)
    moved = both.rewrap("ct_1", wrapped)
    assert moved.version == "2"
    only_new = Vault({"2": TWO}, "2", INDEX)
    assert only_new.open(only_new.unwrap("ct_1", moved), sealed, HERE) == "secret"


def test_the_same_value_never_looks_the_same_twice(vault: Vault) -> None:
    key, _ = vault.new_key("ct_1")
    assert vault.seal(key, "secret", HERE) != vault.seal(key, "secret", HERE)


def test_a_message_opens_under_the_version_it_was_sealed_with(vault: Vault) -> None:
    sealed = vault.seal_message(b'{"buyer": 1}', "inbox:sealed:m1")
    both = Vault({"1": ONE, "2": TWO}, "2", INDEX)
    assert both.open_message(sealed, "inbox:sealed:m1") == b'{"buyer": 1}'
    with pytest.raises(NotOpened):
        both.open_message(sealed, "inbox:sealed:m2")
    with pytest.raises(UnknownKeyVersion):
        Vault({"2": TWO}, "2", INDEX).open_message(sealed, "inbox:sealed:m1")


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "+86 138-0013-8000", "+8613800138000"),
        ("phone", "+８６１３８００１３８０００", "+8613800138000"),
        ("address", "廣東省 深圳市 Test Road 1", "廣東省深圳市test road, 1"),
        ("account", " Buyer-1 ", "buyer-1"),
    ],
)
def test_two_spellings_of_one_value_match_without_being_opened(vault: Vault, kind: str, one: str, other: str) -> None:
    index = vault.blind_index(kind, one)
    assert index is not None
    assert index == vault.blind_index(Indexed(kind), other)
    assert len(index) == 32


def test_another_value_kind_or_key_has_another_index(vault: Vault) -> None:
    same = vault.blind_index("account", "123")
    assert same not in {vault.blind_index("account", "124"), vault.blind_index("phone", "123")}
    assert same != Vault({"1": ONE}, "1", ONE).blind_index("account", "123")


def test_nothing_to_match_has_no_index(vault: Vault) -> None:
    assert vault.blind_index("phone", "n/a") is None


def test_unfit_keys_are_refused_at_once() -> None:
    with pytest.raises(UnknownKeyVersion):
        Vault({"1": ONE}, "2", INDEX)
    with pytest.raises(CryptoError, match="32 bytes"):
        Vault({"1": b"short"}, "1", INDEX)
    with pytest.raises(CryptoError, match="base64"):
        Vault.from_base64({"1": "not base64!"}, "1", base64.b64encode(INDEX).decode())


def test_no_key_shows_when_it_is_printed(vault: Vault) -> None:
    key, _ = vault.new_key("ct_1")
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)
