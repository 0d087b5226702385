"""Looks at a running broker as somebody on the network would, and says what is wrong with it.

It tries what must fail: a login without a name, one with a wrong password, plain text where others can listen, TLS of
before 1.2. With the login of the hub's user it also asks what the broker allows to everybody.
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from hub.adapters import ca
from hub.adapters.mosquitto import PORTS, OutsideBroker, read_url
from hub.adapters.mqtt_probe import may_connect
from hub.adapters.transport import is_loopback
from hub.ports import BrokerError

WITHIN_S = 5
"""How long a broker may take to answer."""

PLAIN = PORTS["mqtt"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at: `what`, and what is `wrong` with it, or empty."""

    what: str
    wrong: str = ""


async def check(url: str, trusted: str | None, user: str, password: str, now: datetime) -> AsyncIterator[Checked]:
    """Everything about the broker at `url`. `trusted`: PEM file, None: what the system trusts. Without a `password`
    what only its administrator sees is left out. Raises BrokerError for an address that cannot be right."""
    host, port, tls = read_url(url)
    if not await _listens(host, port):
        yield Checked("the broker", f"nobody listens at {host}:{port}")
        return
    if not tls:
        wrong = "" if is_loopback(host) else "whoever is on the network can read along: use mqtts://"
        yield Checked("plain text", wrong)
    context = ca.client_context(trusted) if tls else None
    there = Checked("the certificate", await _certificate(host, port, context, now)) if context else None
    if there:
        yield there
        if there.wrong:
            return
        yield Checked("TLS of before 1.2", await _old_tls(host, port))
    yield Checked("a login without a name", await _refuses(host, port, context, None))
    yield Checked("a login with a wrong password", await _refuses(host, port, context, (user, "wrong")))
    if tls and port != PLAIN:
        yield Checked(f"plain text on port {PLAIN}", await _plain(host))
    if password:
        yield Checked("what everybody may do", await _defaults(url, user, password, trusted))


async def _certificate(host: str, port: int, context: ssl.SSLContext, now: datetime) -> str:
    try:
        async with asyncio.timeout(WITHIN_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
            raw = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
    except ssl.SSLCertVerificationError as error:
        return f"is not trusted: {error.verify_message}"
    except (OSError, TimeoutError) as error:
        return f"nobody speaks TLS at {host}:{port}: {error}"
    days = (x509.load_der_x509_certificate(raw).not_valid_after_utc - now).days
    return "" if days >= ca.RENEW_DAYS // 2 else f"is over in {days} days: renew it, and have the broker read it again"


async def _old_tls(host: str, port: int) -> str:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        async with asyncio.timeout(WITHIN_S):
            _, writer = await asyncio.open_connection(host, port, ssl=old)
            writer.close()
    except (OSError, TimeoutError, ValueError):
        return ""
    return "is accepted: allow TLS 1.2 and newer only"


async def _refuses(host: str, port: int, context: ssl.SSLContext | None, login: tuple[str, str] | None) -> str:
    if await may_connect(host, port, login, context):
        return "is let in: set allow_anonymous false" if login is None else "is let in: every password is right"
    return ""


async def _plain(host: str) -> str:
    if is_loopback(host) or not await _listens(host, PLAIN):
        return ""
    return f"somebody listens at {host}:{PLAIN}: close it, or bind it to loopback"


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(WITHIN_S):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
    except (OSError, TimeoutError):
        return False
    return True


async def _defaults(url: str, user: str, password: str, trusted: str | None) -> str:
    try:
        await OutsideBroker(url, user, password, "check", trusted).check_rights()
    except BrokerError as error:
        return str(error)
    return ""
