"""Mail goes over TLS to a server that is who it says it is, and to no other."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.adapters import ca
from hub.adapters.mail import Mail, MailServer
from hub.adapters.outbox import DeliveryError, Letter
from hub.config import Contact
from tests.hub.adapters.tellers import mail_server

TO = Contact("zhao", "赵", email="zhao@example.invalid")
LETTER = Letter("1-1", "small", TO, {"en": "title"}, {"en": "text"}, {"raised_ms": 0}, 0)


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """Of the mail server, by the authority in `tmp_path`."""
    return ca.server_context(ca.init(tmp_path, ["mail.example"], datetime.now(UTC)).files.pages)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_is_delivered_over_tls(tmp_path: Path, context: ssl.SSLContext, security: str):
    trusted = str(ca.files_of(tmp_path).trusted)
    with mail_server(security=security, context=context) as server:
        Mail(MailServer("127.0.0.1", server.port, "hall@example", security=security, ca_file=trusted)).send(LETTER)
    assert len(server.messages) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_is_not_trusted_gets_no_mail(context: ssl.SSLContext, security: str):
    refused = pytest.raises(DeliveryError, match="certificate verify failed")
    with mail_server(security=security, context=context) as server, refused:
        Mail(MailServer("127.0.0.1", server.port, "hall@example", "user", "password", security)).send(LETTER)
    assert not server.messages
