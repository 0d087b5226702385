"""Over what the hub is reached: TLS wherever somebody else could listen, plain text on the machine itself only.

The certificates are those of the folder `tls` in the data folder (see hub.adapters.ca), which `jiaohao broker init`
makes. While the hub runs they are renewed before their time is over, and taken into use without a connection being cut;
so is what `jiaohao broker renew` wrote meanwhile.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from hub.adapters import ca
from hub.adapters.mosquitto import OutsideBroker, read_url
from hub.adapters.nats import EmbeddedBroker
from hub.ports import BrokerError

LOOK_EVERY_S = 60
"""How long a certificate that somebody else renewed may go unnoticed."""

EVERYWHERE = ("0.0.0.0", "::")
"""Addresses that stand for all of a machine's."""

log = logging.getLogger(__name__)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(url: str) -> bool:
    """Whether nobody else can read along what is sent to that address."""
    found = urlsplit(url)
    host = found.hostname or ""
    return bool(host) and (found.scheme == "https" or (found.scheme == "http" and is_loopback(host)))


class Transport:
    """`listen` and `mqtt` are where pages and devices are served; `broker_url` empty: our own broker; `proxy`: the
    address of a proxy that speaks TLS for the pages, or empty. Raises BrokerError and CaError for what is not safe.

    `host`: the machine as addresses of pages name it. `files`: the certificates, None without. `names`: what the
    broker's certificate is for, empty when devices speak plain text. `pages`: the certificate of the pages, None when
    they are plain text between the proxy and us.
    """

    def __init__(self, data: Path, listen: tuple[str, int], mqtt: tuple[str, int], broker_url: str, proxy: str):
        self._data = data
        self.files = ca.files_of(data) if ca.exists(data) else None
        self._is_own = not broker_url
        if self.files:
            self._renew_if_due()  # a certificate that ran out while the hub was off would keep the broker from starting
        hosts = ca.load(data).hosts if self.files else ()
        self.names = self._check_outside(broker_url) if broker_url else self._check_own(mqtt, hosts)
        self._check_pages(listen, proxy)
        self.pages = self.files.pages if self.files and not proxy else None
        self.secure = bool(self.files or proxy)
        self._seen = self._stamps()
        host = hosts[0] if hosts and listen[0] in EVERYWHERE else listen[0]
        self.host = f"[{host}]" if ":" in host else host

    def _renew_if_due(self) -> None:
        """One that cannot be renewed may still be good for weeks."""
        try:
            if ca.renew_if_due(self._data, datetime.now(UTC)):
                log.warning("the certificates were renewed%s", "" if self._is_own else ": reload your broker")
        except ca.CaError as error:
            log.error("the certificates: %s", error)

    def _advice(self) -> str:
        return f"make certificates first: jiaohao broker init --data {self._data} --host NAME_OR_ADDRESS"

    def _check_own(self, mqtt: tuple[str, int], hosts: tuple[str, ...]) -> tuple[str, ...]:
        host, port = mqtt
        if not self.files:
            if not is_loopback(host):
                raise BrokerError(
                    f"--mqtt {host}:{port} without TLS would let the whole network read along; {self._advice()}"
                )
            return ()
        if host not in (*EVERYWHERE, *hosts):
            raise BrokerError(
                f"--mqtt {host}:{port}: the certificate is for {', '.join(hosts)}. Add the address: "
                f"jiaohao broker renew --data {self._data} --host {' --host '.join((*hosts, host))}"
            )
        return hosts

    def _check_outside(self, url: str) -> tuple[str, ...]:
        host, _, tls = read_url(url)
        if not tls and not is_loopback(host):
            raise BrokerError(
                f"--broker {url} without TLS would let the whole network read along: have the broker listen with TLS "
                f"(jiaohao broker mosquitto-config writes such a configuration) and give mqtts://{host}:PORT"
            )
        return (host,) if tls else ()

    def _check_pages(self, listen: tuple[str, int], proxy: str) -> None:
        host, port = listen
        if not is_loopback(host) and not self.files and not proxy:
            raise BrokerError(
                f"--listen {host}:{port} without TLS would let the whole network read passwords; {self._advice()}, or "
                "give the address of a proxy that speaks TLS: --behind-proxy ADDRESS"
            )

    async def look_after(self, broker: EmbeddedBroker | OutsideBroker, pages: ssl.SSLContext | None) -> None:
        """Renews the certificates in time, and takes new ones into use. Runs until cancelled."""
        while self.files:
            await self.look(broker, pages)
            await asyncio.sleep(LOOK_EVERY_S)
        await asyncio.Event().wait()

    async def look(self, broker: EmbeddedBroker | OutsideBroker, pages: ssl.SSLContext | None) -> None:
        """What is due now. What fails is logged, and tried again the next time."""
        await asyncio.to_thread(self._renew_if_due)
        try:
            stamps = self._stamps()
            if stamps != self._seen:
                if isinstance(broker, EmbeddedBroker):
                    await broker.reload()
                if pages and self.pages:
                    ca.load_certificate(pages, self.pages)
                self._seen = stamps
        except (ca.CaError, BrokerError, OSError) as error:
            log.error("the certificates: %s", error)

    def _stamps(self) -> tuple[int, ...]:
        """Changes with the files that servers show."""
        if not self.files:
            return ()
        return tuple(file.stat().st_mtime_ns for file in (self.files.broker, self.files.pages) if file.exists())
