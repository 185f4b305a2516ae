"""Settings: development needs none, production refuses every wrong one by name, and no value is ever shown."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from cli import console as console_door
from cli import processes
from domain.deadlines import DEADLINES, DeadlineId
from runtime import log
from runtime.settings import DEADLINE_FIELDS, Settings, SettingsError, child_environment, load_settings

KEY = base64.b64encode(bytes(range(32))).decode()
WEBHOOK = f"whsec_{KEY}"
TEXT = "0123456789abcdef" * 3

PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "database_url": "postgresql://orderflow:long-enough@db.internal/orderflow?sslmode=verify-full",
    "temporal_address": "temporal.internal:7233",
    "temporal_tls": "tls",
    "breached_passwords": "none",
    "public_url": "https://orders.shop.test",
    "shop_phone": "+862160000000",
    "token_secret": TEXT,
    "vault_master_keys": {"1": KEY},
    "vault_active_key_version": "1",
    "blind_index_key": KEY,
    "audit_anchor_key": KEY,
    "stripe_api_key": TEXT,
    "stripe_webhook_secret": WEBHOOK,
    "shopify_api_base": "https://shop.test",
    "shopify_access_token": TEXT,
    "shopify_webhook_secret": TEXT,
    "carrier_api_key": TEXT,
    "carrier_api_secret": TEXT,
    "kuaidi100_salt": TEXT,
    "notice_urls": {"site": "https://shop.test/notices"},
    "notice_secrets": {"site": WEBHOOK},
}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No ``.env`` of the project, and no data of a running stack, may speak into these tests."""
    monkeypatch.chdir(tmp_path)


def faults(**settings: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as wrong:
        load_settings(**settings)
    return dict(wrong.value.faults)


def test_development_needs_no_settings_and_keeps_its_secrets(tmp_path: Path) -> None:
    first, second = load_settings(), load_settings()
    assert first == second
    assert first.database_url.startswith("postgresql://postgres:dev-")
    secrets = tmp_path / ".orderflow" / "dev-secrets.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600


def test_two_data_directories_do_not_share_a_secret(tmp_path: Path) -> None:
    one, other = (load_settings(data_dir=tmp_path / name) for name in ("one", "other"))
    shared = set(json.loads((one.data_dir / "dev-secrets.json").read_text()).values()) & set(
        json.loads((other.data_dir / "dev-secrets.json").read_text()).values()
    )
    assert shared == set()


def test_a_secret_added_by_a_later_version_is_made_and_the_old_ones_stay(tmp_path: Path) -> None:
    load_settings()
    path = tmp_path / ".orderflow" / "dev-secrets.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in kept.items() if name != "token_secret"}))
    settings = load_settings()
    assert settings.blind_index_key.get_secret_value() == kept["blind_index_key"]
    assert settings.token_secret.get_secret_value() not in ("", kept["token_secret"])


def test_complete_production_settings_are_accepted_and_make_no_development_secrets(tmp_path: Path) -> None:
    settings = load_settings(**PRODUCTION)
    assert settings.environment == "production"
    assert not (tmp_path / ".orderflow").exists()


def test_production_names_every_missing_setting_at_once() -> None:
    needed = {f"ORDERFLOW_{name.upper()}" for name in PRODUCTION} - {
        "ORDERFLOW_ENVIRONMENT",
        "ORDERFLOW_NOTICE_URLS",
        "ORDERFLOW_NOTICE_SECRETS",
    }
    found = faults(environment="production")
    assert set(found) == needed
    said = {"ORDERFLOW_TEMPORAL_TLS", "ORDERFLOW_BREACHED_PASSWORDS"}
    assert {found[name] for name in needed - said} == {"is missing"}
    assert all("must be said" in found[name] for name in said)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("database_url", "mysql://db/orders"),
        ("database_url", "postgresql://postgres:dev-0123@db/orders"),
        ("public_url", "http://orders.shop.test"),
        ("console_public_url", "http://desk.shop.test"),
        ("temporal_ui_url", "http://temporal.shop.test"),
        ("stripe_api_base", "http://stripe.test"),
        ("shopify_api_base", "http://shop.test"),
        ("carrier_api_base", "http://carrier.test"),
        ("carrier_poll_base", "http://carrier.test"),
        ("notice_urls", {"site": "http://shop.test/notices"}),
        ("token_secret", "short"),
        ("token_secret", "changeme-changeme-changeme-changeme"),
        ("token_secret", f"dev-{TEXT}"),
        ("token_secret", "x" * 40),
        ("shopify_webhook_secret", "secret"),
        ("kuaidi100_salt", ""),
        ("vault_master_keys", {"1": "bm90IDMyIGJ5dGVz"}),
        ("vault_master_keys", {"1": "not base64!"}),
        ("vault_master_keys", {"1": base64.b64encode(bytes(32)).decode()}),
        ("vault_master_keys", {}),
        ("vault_active_key_version", "2"),
        ("blind_index_key", "bm90IDMyIGJ5dGVz"),
        ("notice_secrets", {"site": TEXT}),
        ("notice_secrets", {}),
        ("log_level", "DEBUG"),
        ("database_url", "postgresql://orderflow:long-enough@db.internal/orderflow"),
        ("database_url", "postgresql://orderflow:long-enough@db.internal/orderflow?sslmode=prefer"),
        ("console_api_url", "http://api.internal:8080"),
        ("temporal_tls", None),
        ("temporal_tls", "maybe"),
        ("temporal_tls_ca", "no-such-file.pem"),
        ("breached_passwords", "no-such-file.txt"),
        ("second_factor", "nobody"),
        ("oidc_issuer", "http://login.example.test"),
        ("oidc_client_secret", "secret"),
        ("oidc_return_origins", ["http://desk.example.test"]),
        ("oidc_roles", {"oms-boss": "owner"}),
        ("rate_sign_in", "often"),
        ("trusted_proxies", ["0.0.0.0/0"]),
        ("trusted_proxies", ["proxy.internal"]),
        ("peak_factor", 13),
        ("shop_timezone", "Mars/Olympus"),
        ("t1_online_payment", "-PT1H"),
    ],
)
def test_production_refuses_to_start_wrong(field: str, wrong: Any) -> None:
    found = faults(**PRODUCTION | {field: wrong})
    assert f"ORDERFLOW_{field.upper()}" in {name.split(" ")[0] for name in found}


def test_plain_http_from_console_to_api_is_taken_on_one_machine_or_when_it_was_said() -> None:
    for said in (
        {"console_api_url": "http://127.0.0.1:8080"},
        {"console_api_url": "https://api.internal"},
        {"console_api_plain": True, "console_api_url": "http://api.internal:8080"},
    ):
        assert load_settings(**PRODUCTION | said).console_api_url == said["console_api_url"]


def test_a_secret_is_read_from_the_folder_where_a_secrets_manager_puts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "orderflow_token_secret").write_text(f"{TEXT}x\n")
    monkeypatch.setenv("ORDERFLOW_SECRETS_DIR", str(tmp_path))
    without = {name: value for name, value in PRODUCTION.items() if name != "token_secret"}
    assert load_settings(**without).token_secret.get_secret_value() == f"{TEXT}x"


def test_an_error_never_shows_the_value_of_a_setting() -> None:
    with pytest.raises(SettingsError) as wrong:
        load_settings(**PRODUCTION | {"token_secret": "dev-tell-nobody-about-this-one-here", "peak_factor": 4711})
    assert "tell-nobody" not in str(wrong.value)
    assert "4711" not in str(wrong.value)
    assert wrong.value.__cause__ is None


def test_a_mapping_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERFLOW_NOTICE_SECRETS", "site=whsec_tell_nobody")
    with pytest.raises(SettingsError, match="notice_secrets") as wrong:
        load_settings()
    assert "tell_nobody" not in str(wrong.value)


def test_printing_settings_shows_no_secret() -> None:
    shown = repr(load_settings(**PRODUCTION))
    assert [secret for secret in (TEXT, KEY, "long-enough") if secret in shown] == []


def test_a_mapping_somebody_set_is_not_mixed_with_developments_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERFLOW_NOTICE_URLS", '{"site": "http://mine.test/"}')
    assert load_settings().notice_urls == {"site": "http://mine.test/"}


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("24h", timedelta(hours=24)),
        ("30min", timedelta(minutes=30)),
        ("7 d", timedelta(days=7)),
        ("PT90S", timedelta(seconds=90)),
    ],
)
def test_durations_are_written_as_people_write_them(
    monkeypatch: pytest.MonkeyPatch, text: str, means: timedelta
) -> None:
    monkeypatch.setenv("ORDERFLOW_T9_RETURN_WINDOW", text)
    assert load_settings().deadline_policy().duration(DeadlineId.T9) == means


def test_a_duration_nobody_can_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERFLOW_T9_RETURN_WINDOW", "a while")
    assert "ORDERFLOW_T9_RETURN_WINDOW" in faults()


def test_every_deadline_with_a_length_has_exactly_one_setting() -> None:
    fields = [field for field in Settings.model_fields if field[0] == "t" and field[1].isdigit()]
    assert sorted(DEADLINE_FIELDS.values()) == sorted(fields)
    with_length = {number for number, deadline in DEADLINES.items() if deadline.default}
    assert set(DEADLINE_FIELDS) == with_length


def test_production_believes_nobody_about_addresses_until_told_and_development_only_this_machine() -> None:
    assert Settings(**PRODUCTION, _env_file=None).trusted_proxies == []
    assert [str(one) for one in load_settings().trusted_proxies] == ["127.0.0.1/32", "::1/128"]


@pytest.mark.parametrize("door", [processes.api, console_door.console])
def test_no_server_believes_more_than_the_app_does(monkeypatch: pytest.MonkeyPatch, door: Callable[..., None]) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda _, **options: told.update(options))
    monkeypatch.setattr(log, "configure", lambda _: None)
    door(host=None, port=None)
    assert told["proxy_headers"] is False


def test_without_settings_the_table_of_deadlines_is_in_force() -> None:
    assert load_settings().deadline_policy().durations == {}


def test_a_child_process_reads_the_settings_its_parent_gave_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment = child_environment({"data_dir": str(tmp_path / "theirs")})
    monkeypatch.setenv("ORDERFLOW_DATA_DIR", environment["ORDERFLOW_DATA_DIR"])
    assert load_settings().data_dir == tmp_path / "theirs"
