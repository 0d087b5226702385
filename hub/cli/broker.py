"""`jiaohao broker`: the hall's own certificates, and how safe a broker is."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from hub.adapters import broker_check, ca, mosquitto_config
from hub.cli.options import Address, secret
from hub.ports import BrokerError

DATA = click.option("--data", required=True, type=click.Path(path_type=Path), help="The hub's data folder.")
HOST = "A name or address by which boards and browsers find this machine; may be given several times."


@contextmanager
def told() -> Iterator[None]:
    """What is wrong in a line, and status 2."""
    try:
        yield
    except (ca.CaError, BrokerError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)


@click.group()
def broker() -> None:
    """Make certificates for broker and pages, and check how safe a broker is; docs/tls.md tells all of it."""


@broker.command()
@DATA
@click.option("--host", "hosts", multiple=True, required=True, help=HOST)
def init(data: Path, hosts: tuple[str, ...]) -> None:
    """Make an authority of the hall's own, and the certificates of broker and pages.

    From then on the hub of this folder speaks TLS only. Who has the folder tls can pass for the hub.
    """
    with told():
        authority = ca.init(data, hosts, datetime.now(UTC))
        _tell(authority)


@broker.command()
@DATA
@click.option("--host", "hosts", multiple=True, help=f"{HOST} Without it the names stay.")
@click.option("--new-ca", is_flag=True, help="A new authority too; boards that know the old one only still connect.")
def renew(data: Path, hosts: tuple[str, ...], new_ca: bool) -> None:
    """Make new keys and certificates for broker and pages.

    A hub that runs takes them into use within a minute and cuts no connection. It also does this by itself when less
    than 60 days are left; by hand it is for a change of names, or when a key may have got into wrong hands.
    """
    with told():
        now = datetime.now(UTC)
        authority = ca.load(data)
        before: tuple[str, ...] = ()
        with suppress(ca.CaError):  # a damaged certificate is made anew, if the names are given
            before = authority.hosts
        authority = authority.replace(now) if new_ca else authority
        if hosts or not new_ca:
            authority.renew(hosts or authority.hosts, now)
        _tell(authority)
        if gone := [host for host in before if host not in authority.hosts]:
            click.echo(
                f"no longer for {', '.join(gone)}: boards whose config.json has such a server_name are locked out"
            )


def _tell(authority: ca.Authority) -> None:
    files = authority.files
    click.echo(f"for {', '.join(authority.hosts)}; good for {authority.days_left(datetime.now(UTC))} days")
    click.echo(f"fingerprint of the authority (SHA-256): {authority.fingerprint}")
    click.echo(f"for boards, as /device/ca.der: {files.for_boards}")
    click.echo(f"for browsers and programs: {files.trusted}")


@broker.command()
@click.argument("url")
@click.option("--broker-ca", type=click.Path(exists=True, dir_okay=False), help="PEM file with the authority.")
@click.option("--broker-user", default=mosquitto_config.ADMIN, show_default=True, help="The hub's user at the broker.")
@click.option("--broker-password-file", type=click.Path(path_type=Path), help="File with its password.")
def check(url: str, broker_ca: str | None, broker_user: str, broker_password_file: Path | None) -> None:
    """Look at the broker at URL (mqtts://HOST:PORT) as somebody on the network would. Exit code 1: not safe."""
    password = secret(broker_password_file, "--broker-password-file")
    with told():
        wrong = asyncio.run(_check(url, broker_ca, broker_user, password))
    sys.exit(1 if wrong else 0)


async def _check(url: str, trusted: str | None, user: str, password: str) -> int:
    wrong = 0
    async for found in broker_check.check(url, trusted, user, password, datetime.now(UTC)):
        click.echo(f"{'WRONG' if found.wrong else 'ok   '} {found.what}{': ' if found.wrong else ''}{found.wrong}")
        wrong += bool(found.wrong)
    return wrong


@broker.command("mosquitto-config")
@DATA
@click.option("--listen", type=Address(), default="0.0.0.0:8883", show_default=True, help="Where devices connect.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder to write to; without it, DATA/mosquitto.")
@click.option("--plugin", type=click.Path(path_type=Path), help="The dynamic security plugin, if it is not found.")
@click.option("--user", default="", help="Whom mosquitto becomes when root starts it; its own choice is 'mosquitto'.")
def mosquitto_settings(data: Path, listen: tuple[str, int], to: Path | None, plugin: Path | None, user: str) -> None:
    """Write a complete and safe configuration for a mosquitto that takes the place of the embedded broker."""
    with told():
        authority = ca.load(data)
        plugin = plugin or mosquitto_config.find_plugin()
        if plugin is None:
            raise BrokerError("the plugin mosquitto_dynamic_security.so is not found: give its path with --plugin")
        written = mosquitto_config.write(to or data / "mosquitto", listen, authority.files, plugin, user)
    host = authority.hosts[0]
    click.echo(f"run: mosquitto -c {written.config}")
    click.echo(
        f"then: jiaohao hub --data {data} --broker mqtts://{host}:{listen[1]} --broker-ca {authority.files.trusted} "
        f"--broker-password-file {written.password} ..."
    )
    click.echo(f"mosquitto's user must be able to read {authority.files.broker} and to write {written.rights}")
