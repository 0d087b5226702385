"""Options that several of the hub's commands take, and how what was given is read."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

import click

from hub.adapters.printers import PORT, PrinterPlace
from hub.devices.slip import DOTS

LOOPBACK = "127.0.0.1"

URL_CHARS = 200
"""With a ticket's secret it still makes a code that phones read on narrow paper."""


class Address(click.ParamType):
    """HOST:PORT."""

    name = "host:port"

    def convert(self, value, param, ctx) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or not 0 <= int(port) < 65536:
            self.fail(f"{value!r} must be HOST:PORT, for example {LOOPBACK}:8000", param, ctx)
        return host.strip("[]"), int(port)


class IpAddress(click.ParamType):
    """An address as numbers: a name could come to mean somebody else."""

    name = "address"

    def convert(self, value, param, ctx) -> str:
        try:
            return str(ipaddress.ip_address(value)) if value else ""
        except ValueError:
            self.fail(f"{value!r} must be an address, for example {LOOPBACK}", param, ctx)


class Url(click.ParamType):
    """Where pages are: http://HOST or https://HOST, with a port and a path if need be."""

    name = "url"

    def convert(self, value, param, ctx) -> str:
        found = urlsplit(value)
        plain = found.scheme in ("http", "https") and found.netloc and not (found.query or found.fragment)
        if value and not (plain and value.isascii() and value.isprintable() and len(value) <= URL_CHARS):
            self.fail(f"{value!r} must be such as https://hall.example", param, ctx)
        return value.rstrip("/")


class Printer(click.ParamType):
    """KIOSK=HOST[:PORT][,PAPER] or KIOSK=/dev/FILE[,PAPER]: a receipt printer, and the kiosk beside which it stands."""

    name = "printer"

    def convert(self, value, param, ctx) -> PrinterPlace:
        if isinstance(value, PrinterPlace):
            return value
        kiosk, _, rest = value.partition("=")
        place, _, width = rest.partition(",")
        if not kiosk or not place:
            self.fail(f"{value!r} must be KIOSK=HOST[:PORT][,PAPER], for example kiosk-1=192.168.1.50,80", param, ctx)
        if width not in ("", *map(str, DOTS)):
            self.fail(f"{value!r}: paper is {width!r} and must be 58 or 80", param, ctx)
        paper = int(width or max(DOTS))
        if place.startswith("/"):
            return PrinterPlace(kiosk, paper, file=place)
        host, _, port = place.partition(":")
        if port and not (port.isdigit() and 0 < int(port) < 65536):
            self.fail(f"{value!r}: the port is {port!r} and must be 1 to 65535", param, ctx)
        return PrinterPlace(kiosk, paper, host=host, port=int(port or PORT))


HALLS = Path(__file__).parents[1] / "halls"


def hall_file(_ctx, _param, value: str) -> Path:
    """A file, or the name of one of the halls that come with jiaohao."""
    return _file_or_name(value, HALLS, "hall")


def map_file(_ctx, _param, value: str) -> Path:
    """A file, or the name of one of the field maps that come with jiaohao."""
    return _file_or_name(value, HALLS / "maps", "map")


def _file_or_name(value: str, folder: Path, what: str) -> Path:
    given = folder / f"{value}.toml"
    if "/" not in value and given.exists():
        return given
    if Path(value).exists():
        return Path(value)
    names = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
    raise click.BadParameter(
        f"there is no file {value!r}, and no {what} of that name; {what}s that come along: {names}"
    )


def secret(file: Path | None, option: str) -> str:
    """What stands in the file that the option names; empty without one."""
    try:
        return file.read_text("utf-8").strip() if file else ""
    except OSError as error:
        raise click.BadParameter(f"cannot read {file}: {error.strerror}", param_hint=option) from error
