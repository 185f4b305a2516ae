"""The way to Temporal over real TLS: an endpoint with a certificate of its own before a real server (ASVS 12.3)."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.house import open_house
from cli.checks import _temporal
from runtime.settings import Settings, SettingsError, load_settings
from runtime.temporal import connect

NAME = "temporal.internal.test"
ROOT = Path(__file__).parents[2]


@dataclass
class Signed:
    """A certificate and its key, as objects and as files."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    cert_file: Path
    key_file: Path


def signed(place: Path, name: str, by: Signed | None = None) -> Signed:
    """A certificate for that name, signed by that authority, or by itself: then it is one."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    certificate = builder.sign(by.key if by else key, hashes.SHA256())
    made = Signed(certificate, key, place / f"{name}.pem", place / f"{name}.key")
    made.cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


@asynccontextmanager
async def before(address: str, server: Signed, clients: Signed | None = None) -> AsyncIterator[str]:
    """TLS that ends at ``server`` and goes on to this address; with ``clients`` it asks for their certificates."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.cert_file, server.key_file)
    context.set_alpn_protocols(["h2"])
    if clients is not None:
        context.load_verify_locations(clients.cert_file)
        context.verify_mode = ssl.CERT_REQUIRED
    host, port = address.split(":")

    async def pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                into.write(data)
                await into.drain()
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            into.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pour(reader, inner_writer), pour(inner_reader, writer))

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


Told = Callable[..., Settings]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Settings that say how to reach Temporal."""
    monkeypatch.chdir(tmp_path)

    def settings(address: str, **more: Any) -> Settings:
        return load_settings(data_dir=tmp_path, temporal_address=address, temporal_tls="tls", **more)

    return settings


async def test_a_server_is_believed_by_the_authority_and_the_name_that_were_told(
    temporal_address: str, told: Told, tmp_path: Path
) -> None:
    authority, stranger = signed(tmp_path, "authority"), signed(tmp_path, "stranger")
    async with before(temporal_address, signed(tmp_path, NAME, authority)) as address:
        client = await connect(told(address, temporal_tls_ca=authority.cert_file, temporal_tls_server_name=NAME))
        assert await client.service_client.check_health()
        for wrong in (
            {"temporal_tls_ca": stranger.cert_file, "temporal_tls_server_name": NAME},
            {"temporal_tls_ca": authority.cert_file, "temporal_tls_server_name": "another.test"},
            {"temporal_tls_server_name": NAME},
        ):
            with pytest.raises(RuntimeError):
                await connect(told(address, **wrong))


async def test_a_server_that_asks_who_comes_is_shown_the_certificate(
    temporal_address: str, told: Told, tmp_path: Path
) -> None:
    authority = signed(tmp_path, "authority")
    worker = signed(tmp_path, "worker.test", authority)
    trusting = {"temporal_tls_ca": authority.cert_file, "temporal_tls_server_name": NAME}
    async with before(temporal_address, signed(tmp_path, NAME, authority), authority) as address:
        with pytest.raises(RuntimeError):
            await connect(told(address, **trusting))
        shown = {"temporal_tls_cert": worker.cert_file, "temporal_tls_key": worker.key_file}
        assert await (await connect(told(address, **trusting, **shown))).service_client.check_health()


async def test_the_api_and_the_command_line_go_that_way(
    temporal_address: str, told: Told, tmp_path: Path, database_url: str
) -> None:
    authority = signed(tmp_path, "authority")
    async with before(temporal_address, signed(tmp_path, NAME, authority)) as address:
        settings = told(
            address, temporal_tls_ca=authority.cert_file, temporal_tls_server_name=NAME, database_url=database_url
        )
        assert (await _temporal(settings)).ok
        assert not (await _temporal(settings.model_copy(update={"temporal_tls": None}))).ok
        async with open_house(settings) as house:
            assert await house.client.service_client.check_health()


def test_every_process_connects_by_that_one_way() -> None:
    shipped = [
        path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in {"tests", ".venv", "build"}
    ]
    connecting = {str(path.relative_to(ROOT)) for path in shipped if "Client.connect(" in path.read_text("utf-8")}
    assert connecting == {"runtime/temporal.py"}


@pytest.mark.parametrize(
    "half",
    [{"temporal_tls": "plain", "temporal_tls_server_name": NAME}, {"temporal_tls": "tls", "temporal_tls_cert": "c"}],
)
def test_half_of_what_encryption_needs_stops_the_start(
    half: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c").write_text("invented")
    with pytest.raises(SettingsError):
        load_settings(**half)
