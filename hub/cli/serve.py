"""`jiaohao hub`: runs a hall until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from pathlib import Path

import click

from hub.adapters.log_lines import FORMS, write_log
from hub.adapters.mail import SECURITIES, MailServer
from hub.bootstrap import Settings, open_hub
from hub.cli.options import LOOPBACK, Address, IpAddress, Printer, Url, hall_file, map_file, secret
from hub.config import HallFileError
from hub.config.exchange_map import read_map
from hub.core.exchange import ExchangeMap
from hub.starting import StartError

STOPPED_BY = (signal.SIGINT, signal.SIGTERM)


@click.command()
@click.option(
    "--hall", required=True, callback=hall_file, help="Hall file (TOML), or the name of one that comes along."
)
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder for the log and the broker.")
@click.option("--listen", type=Address(), default=f"{LOOPBACK}:8000", show_default=True, help="Where pages are served.")
@click.option("--mqtt", type=Address(), default=f"{LOOPBACK}:1883", show_default=True, help="Where devices connect.")
@click.option("--broker", "broker_url", default="", help="An outside broker instead: mqtts://HOST:PORT.")
@click.option(
    "--broker-ca",
    type=click.Path(exists=True, dir_okay=False),
    help="PEM file with the authority that signed its certificate; without it, those that this system trusts.",
)
@click.option("--broker-user", default="jiaohao", show_default=True, help="The hub's user at the outside broker.")
@click.option("--broker-password-file", type=click.Path(path_type=Path), help="File with its password.")
@click.option("--behind-proxy", "proxy", type=IpAddress(), default="", help="Address of a proxy with TLS for pages.")
@click.option("--public-url", type=Url(), default="", help="Where phones reach the pages: for slips and displays.")
@click.option("--open-board", is_flag=True, help="Anybody may see the hall board; on loopback only.")
@click.option("--backup", type=click.Path(path_type=Path), help="Folder for backups: hourly, and what came after.")
@click.option("--backup-recipient", "backup_recipients", multiple=True, help="Encrypt them for this age1... key.")
@click.option(
    "--reports", type=click.Path(path_type=Path), help="Folder for daily and monthly reports; else in --data."
)
@click.option(
    "--mail", type=Address(), help="Mail server over which people are told of alarms and invited to rate: HOST:PORT."
)
@click.option("--mail-from", default="", help="Address that these mails come from.")
@click.option("--mail-user", default="", help="Login at the mail server.")
@click.option("--mail-password-file", type=click.Path(path_type=Path), help="File with its password.")
@click.option(
    "--mail-security",
    type=click.Choice(SECURITIES),
    default=SECURITIES[0],
    show_default=True,
    help="How it is encrypted.",
)
@click.option(
    "--mail-ca", type=click.Path(exists=True, dir_okay=False), help="PEM file with its authority, if its own."
)
@click.option(
    "--log",
    "log_form",
    type=click.Choice(FORMS),
    default=FORMS[0],
    show_default=True,
    help="Lines of the log on stderr. JIAOHAO_LOG is the least level: INFO, WARNING (default), ERROR.",
)
@click.option("--exchange", default="", help="Address of the province's platform, to which ratings go.")
@click.option("--exchange-map", type=str, default="", help="Map of its fields: a file, or one that comes along.")
@click.option(
    "--invitations-webhook",
    default="",
    help="Address of the gateway over which people are invited by message to rate.",
)
@click.option(
    "--printer",
    "printers",
    type=Printer(),
    multiple=True,
    help="Receipt printer of a kiosk's page: KIOSK=HOST[:PORT][,58] or KIOSK=/dev/usb/lp0[,58]; paper is 80 mm or 58.",
)
@click.option("--clock-shift-ms", type=int, default=0, hidden=True)  # for the demo, whose hall is open at any time
def hub(
    hall: Path,
    data: Path,
    listen,
    mqtt,
    broker_url,
    broker_ca,
    broker_user,
    broker_password_file,
    proxy,
    public_url,
    open_board,
    log_form,
    backup,
    backup_recipients,
    clock_shift_ms,
    exchange,
    exchange_map,
    invitations_webhook,
    reports,
    printers,
    **mail,
) -> None:
    """Run a hall: broker, tickets, calls, ratings, pages."""
    if open_board and listen[0] not in (LOOPBACK, "::1", "localhost"):
        raise click.BadParameter(f"works on loopback only, and --listen is {listen[0]}", param_hint="--open-board")
    if open_board and proxy:
        raise click.BadParameter("would show the board to everybody who can reach the proxy", param_hint="--open-board")
    _write_log(log_form)
    password = secret(broker_password_file, "--broker-password-file")
    server = _mail_server(**mail)
    settings = Settings(
        hall,
        data,
        listen,
        mqtt,
        broker_url,
        broker_user,
        password,
        broker_ca,
        proxy,
        public_url,
        open_board,
        clock_shift_ms,
        server,
        backup,
        backup_recipients,
        _exchange(exchange, exchange_map),
        reports,
        invitations=invitations_webhook,
        printers=printers,
    )
    try:
        _run(settings, announced=log_form == "text")
    except StartError as error:
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
        raise SystemExit(2) from None


def _write_log(form: str) -> None:
    level = os.environ.get("JIAOHAO_LOG", "WARNING")
    try:
        write_log(form, level)
    except ValueError:
        raise click.UsageError(f"JIAOHAO_LOG is {level!r} and must be DEBUG, INFO, WARNING or ERROR") from None


def _mail_server(
    mail, mail_from: str, mail_user: str, mail_password_file, mail_security: str, mail_ca: str | None
) -> MailServer | None:
    """The mail server of the options; None without one."""
    if mail is None:
        return None
    if "@" not in mail_from:
        raise click.BadParameter("must be an address: mails come from it", param_hint="--mail-from")
    if mail_user and mail_security == "none" and mail[0] not in (LOOPBACK, "::1", "localhost"):
        raise click.BadParameter("a password is sent over an encrypted line only", param_hint="--mail-security")
    host, port = mail
    password = secret(mail_password_file, "--mail-password-file")
    return MailServer(host, port, mail_from, mail_user, password, mail_security, mail_ca)


def _exchange(url: str, name: str) -> tuple[str, ExchangeMap] | None:
    """The platform and its map; None without one."""
    if bool(url) != bool(name):
        raise click.UsageError("--exchange and --exchange-map belong together")
    if not url:
        return None
    file = map_file(None, None, name)
    try:
        return url, read_map(file.read_text("utf-8"))
    except HallFileError as error:
        raise click.ClickException(f"{file}:\n{error}") from error


def _run(settings: Settings, announced: bool) -> None:
    try:
        import uvloop
    except ImportError:  # not on Windows; asyncio's own loop is right, only slower
        asyncio.run(_serve(settings, announced))
    else:
        uvloop.run(_serve(settings, announced))
    for number in STOPPED_BY:  # it stops already: told again while the interpreter ends, it must not look killed
        signal.signal(number, signal.SIG_IGN)


async def _serve(settings: Settings, announced: bool) -> None:
    """`announced`: the link for the first admin is printed. Where a log is kept of what is printed, it is only in the
    data folder."""
    # A hall of ten thousand people is a million objects, none of them garbage: a full collection walks through all of
    # them, and nobody is called for half a second. Young garbage is collected as ever; all of it when a day begins.
    gc.set_threshold(20_000, 20, 1_000)
    stop = asyncio.Event()
    _stop_on_signals(stop)
    async with open_hub(settings) as running:
        if running.setup_link:
            where = running.setup_link if announced else f"the link in {settings.data / 'setup-link'}"
            click.echo(f"no admin yet: open {where} once to make one")
        if running.warning:
            click.echo(f"warning: {running.warning}")
        if running.hint:
            click.echo(f"hint: {running.hint}")
        click.echo(f"ready {running.url}")
        waiting = [asyncio.create_task(event.wait()) for event in (stop, running.failed)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if running.failed.is_set():
            raise SystemExit(1)


def _stop_on_signals(stop: asyncio.Event) -> None:
    """Sets `stop` when the process is told to end; a second time changes nothing. A handler of the loop's would be gone
    with the loop, and the default, which kills, back."""
    loop = asyncio.get_running_loop()

    def heard(*_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped
            loop.call_soon_threadsafe(stop.set)

    for number in STOPPED_BY:
        signal.signal(number, heard)
