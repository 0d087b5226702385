"""Builds a device out of its configuration, once: nothing else knows all the parts.

Only what the configured role needs is loaded. `assemble` then forgets this file and the reader of the configuration:
they have done their work, and their memory, 4 KB on a board, is needed for TLS.
"""

import sys

from firmware import config as configuration
from firmware import files
from firmware.link import Link
from firmware.prompts import Prompts
from firmware.runner import Device, chance, random32
from protocol.upward import Hello

VERSION = "0.1.0"


def build(folder: str, hal) -> Device:
    """The device whose flash is `folder` (config.json, journal/, the count of starts) on the hardware `hal`.

    Raises ConfigError, OSError, ValueError (a certificate that is none).
    """
    config = configuration.load(folder)
    journal = make_journal(folder, config)
    device = Device(hal, journal, random32())
    boot = files.count_up(folder + "/starts")
    about = Hello(config.role, config.window, hal.model, VERSION, core(), boot, hal.reset_cause)
    link = Link(config, about, journal, device.call_epoch, device.deliver, device, chance, tls_context(folder, config))
    hal.start(config)
    device.join(link, make_role(config, Prompts(config.language), device.uptime_ms()))
    return device


def make_journal(folder: str, config):
    """The journal of a role that has presses to keep, else None."""
    if config.role != "rating_pad":
        return None
    from firmware.journal import Journal

    return Journal(folder + "/journal", random32)


def make_role(config, prompts, now_ms: int):
    """The role that `config` names."""
    if config.role == "window_display":
        from firmware.roles.window_display import WindowDisplay as Role
    elif config.role == "rating_pad":
        from firmware.roles.rating_pad import RatingPad as Role
    else:
        from firmware.roles.call_pad import CallPad as Role
    return Role(config, prompts, now_ms)


def tls_context(folder: str, config):
    """The SSL context that trusts the configured authority only, or None. Raises OSError, ValueError."""
    if not config.tls:
        return None
    import ssl

    with open(folder + "/" + config.tls.ca, "rb") as file:
        authority = file.read()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority)
    return context


def core() -> str:
    """The interpreter and its version, as the hub shows it."""
    return sys.implementation.name + " " + ".".join(str(part) for part in sys.implementation.version[:3])
