"""One request: the peer check and TLS, on a real connection."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outreach.adapters.http_pages import FetchPolicy, HttpPageFetcher
from outreach.adapters.http_pages.client import PageClient
from outreach.adapters.http_pages.guard import Guard
from outreach.adapters.http_pages.policy import Refused
from outreach.adapters.http_pages.target import parse_target
from outreach.ports.pages import FailureKind, FetchFailure, PageFacts, PageRequest
from tests.adapters.http_pages_tools import PAGE, Names, facts, failure
from tests.servers.web_server import WebServer


class MovedPeer(Guard):
    """A guard whose connection always turns out to end somewhere else."""

    connections = 0

    def check_peer(self) -> None:
        self.connections += 1
        raise Refused(FailureKind.FORBIDDEN_ADDRESS, "connected elsewhere")


def test_the_peer_is_checked_before_anything_is_sent() -> None:
    with WebServer() as web:
        policy = FetchPolicy(allowed_hosts=frozenset({web.authority}))
        guard = MovedPeer(Names(), 1.0, lambda _: False)

        async def ask() -> None:
            async with PageClient(policy, guard, ssl.create_default_context()) as client:
                await client.get(parse_target(web.url + "/", policy), {})

        with pytest.raises(Refused):
            asyncio.run(ask())
    assert guard.connections == 1
    assert web.asked == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for secure.test, signed by itself, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.test")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "secure.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def web(certificate: Path) -> Iterator[WebServer]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with WebServer(tls=tls) as server:
        server.pages["/"] = PAGE
        yield server


def _look(web: WebServer, host: str, trust: Path | None) -> PageFacts | FetchFailure:
    policy = FetchPolicy(
        allowed_hosts=frozenset({f"{host}:{web.port}"}), spacing_s=0.0, deadline_s=2.0
    )
    tls = ssl.create_default_context(cafile=str(trust) if trust else None)
    fetcher = HttpPageFetcher(policy, Names({host: [["127.0.0.1"]]}), tls)
    (result,) = fetcher.fetch([PageRequest(f"https://{host}:{web.port}/")])
    return result.outcome


def test_a_trusted_certificate_of_the_right_name_is_accepted(
    web: WebServer, certificate: Path
) -> None:
    assert facts(_look(web, "secure.test", certificate)).title == "Public page"


def test_a_certificate_of_another_name_is_a_tls_failure(web: WebServer, certificate: Path) -> None:
    assert failure(_look(web, "other.test", certificate)).kind is FailureKind.TLS


def test_a_certificate_of_an_unknown_signer_is_a_tls_failure(web: WebServer) -> None:
    assert failure(_look(web, "secure.test", None)).kind is FailureKind.TLS
