"""Every command explains itself, tells the truth by its exit code, and prints pure JSON when asked."""

from __future__ import annotations

import json
import socket

import pytest

from tests.cli.conftest import Orderflow

COMMANDS = ("up", "demo", "worker", "api", "migrate", "schedules", "deadlines", "token", "doctor")


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def nothing_listens() -> dict[str, str]:
    names = ("POSTGRES_PORT", "TEMPORAL_PORT", "API_PORT")
    return {f"ORDERFLOW_{name}": closed_port() for name in names}


def test_help_names_every_command(orderflow: Orderflow) -> None:
    shown = orderflow("--help")
    assert shown.returncode == 0
    assert [command for command in COMMANDS if command not in shown.stdout] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(orderflow: Orderflow, command: str) -> None:
    shown = orderflow(command, "--help")
    assert shown.returncode == 0, shown.stderr
    assert f"orderflow {command}" in shown.stdout or f"cli {command}" in shown.stdout


def test_deadlines_show_every_t_with_its_default_and_the_value_in_force(orderflow: Orderflow) -> None:
    shown = orderflow(
        "deadlines", "--json", ORDERFLOW_T1_ONLINE_PAYMENT="12h", ORDERFLOW_T13_NOTICE="PT5M", ORDERFLOW_PEAK_FACTOR="3"
    )
    assert shown.returncode == 0, shown.stderr
    rows = {row["id"]: row for row in json.loads(shown.stdout)}
    assert rows["T1"] == {
        "id": "T1",
        "promise": "online payment",
        "default_seconds": 24 * 3600,
        "seconds": 12 * 3600,
        "starts": "order created",
        "action": "cancel, release, close payment",
    }
    assert rows["T13"]["seconds"] == 300
    assert (rows["T2"]["seconds"], rows["T3"]["seconds"]) == (3 * 3600, 6 * 3600)
    assert rows["T2P"]["seconds"] == rows["T2P"]["default_seconds"] == 1800
    assert [rows[number]["seconds"] for number in ("T16", "T17", "T19")] == [None, None, None]
    assert len(rows) == 21


def test_deadlines_are_readable_without_json(orderflow: Orderflow) -> None:
    shown = orderflow("deadlines")
    assert shown.returncode == 0
    assert "online payment" in shown.stdout


def test_wrong_settings_are_all_named_and_end_with_code_2(orderflow: Orderflow) -> None:
    shown = orderflow("deadlines", "--json", ORDERFLOW_PEAK_FACTOR="13", ORDERFLOW_SHOP_TIMEZONE="Mars/Olympus")
    assert shown.returncode == 2
    assert shown.stdout == ""
    assert "ORDERFLOW_PEAK_FACTOR" in shown.stderr
    assert "ORDERFLOW_SHOP_TIMEZONE" in shown.stderr


@pytest.mark.parametrize("command", ["worker", "api", "migrate", "up"])
def test_no_process_starts_in_production_without_its_settings(orderflow: Orderflow, command: str) -> None:
    shown = orderflow(command, ORDERFLOW_ENVIRONMENT="production")
    assert shown.returncode == 2
    assert "ORDERFLOW_TOKEN_SECRET: is missing" in shown.stderr


def test_the_doctor_says_what_is_wrong_and_ends_with_code_1(orderflow: Orderflow) -> None:
    shown = orderflow("doctor", "--json", **nothing_listens())
    assert shown.returncode == 1
    checks = {check["check"]: check["ok"] for check in json.loads(shown.stdout)}
    assert checks == {
        "settings": True,
        "database": False,
        "migrations": False,
        "temporal": False,
        "workers": False,
        "api": False,
    }


def test_the_doctor_can_be_asked_about_one_thing_only(orderflow: Orderflow) -> None:
    shown = orderflow("doctor", "--json", "--only", "database", **nothing_listens())
    assert shown.returncode == 1
    assert [check["check"] for check in json.loads(shown.stdout)] == ["settings", "database"]


def test_the_doctor_names_wrong_settings(orderflow: Orderflow) -> None:
    shown = orderflow("doctor", "--json", ORDERFLOW_PEAK_FACTOR="0")
    assert shown.returncode == 1
    (check,) = json.loads(shown.stdout)
    assert check["detail"].startswith("ORDERFLOW_PEAK_FACTOR")


def test_up_refuses_to_run_beside_a_database_of_somebody_else(orderflow: Orderflow) -> None:
    shown = orderflow("up", ORDERFLOW_DATABASE_URL="postgresql://db.example.test/orders")
    assert shown.returncode == 2
    assert "ORDERFLOW_DATABASE_URL" in shown.stderr


def test_up_names_a_taken_port_and_the_setting_that_moves_it(orderflow: Orderflow) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        shown = orderflow("up", "--json", ORDERFLOW_SIMULATOR_PORT=str(port), **nothing_listens())
    assert shown.returncode == 3
    assert shown.stdout == ""
    assert f"Port {port}, which simulators needs" in shown.stderr
    assert "ORDERFLOW_SIMULATOR_PORT" in shown.stderr


def test_a_token_names_its_role_and_subject(orderflow: Orderflow) -> None:
    shown = orderflow("token", "--role", "reviewer", "--subject", "r-7", "--json")
    assert shown.returncode == 0, shown.stderr
    answer = json.loads(shown.stdout)
    assert (answer["role"], answer["subject"]) == ("reviewer", "r-7")
    assert answer["token"].count(".") == 2


def test_a_token_for_a_role_nobody_has_is_refused_naming_the_roles(orderflow: Orderflow) -> None:
    shown = orderflow("token", "--role", "king")
    assert shown.returncode == 2
    assert "customer_service" in shown.stderr


def test_a_token_without_json_is_the_bare_token(orderflow: Orderflow) -> None:
    shown = orderflow("token", "--role", "auditor")
    assert shown.stdout.strip().count(".") == 2
    assert len(shown.stdout.split()) == 1
