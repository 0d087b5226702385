"""Builds a device out of its configuration, once: nothing else knows all the parts.

Only what the configured role needs is loaded. What is needed at start only is then forgotten, this file too: its
memory, some 5 KB on a board, is needed for TLS.
"""

import gc
import sys

from firmware import config as configuration
from firmware import files, prompts
from firmware.built import BUILT_S
from firmware.link import Link
from firmware.runner import Device, chance, random32
from protocol import topics
from protocol.upward import Hello

VERSION = "0.1.0"


def build(folder: str, hal) -> Device:
    """The device whose flash is `folder` (config.json, journal/, the count of starts) on the hardware `hal`.

    Raises ConfigError, OSError, ValueError (a certificate that is none).
    """
    config = configuration.load(folder)
    hal.prepare(folder, config)
    gc.collect()  # here and below: what lives long must lie close together, or no large piece is left for the glyphs
    device = Device(hal, folder, config.device)
    sender = make_sender(folder, config, hal, device.deliver)
    boot = files.count_up(folder + "/starts")
    version = VERSION + "+" + str(BUILT_S)
    trial = None
    if "/slots/" in __file__:  # it did not come by cable
        from firmware.trial import MARK, open_trial

        trial = open_trial(device)
        version += MARK if trial else ""
    if config.rev and files.exists(folder + "/config.before-" + str(config.rev)):
        from firmware.settings_trial import open_settings_trial

        trial = open_settings_trial(folder, config.rev, trial, device.uptime_ms())
    about = Hello(
        config.role, config.window or config.zone, hal.model, version, core(), boot, hal.reset_cause, config.rev
    )
    tls = tls_context(folder, config)
    link = Link(config, about, heard(config, sender), sender, device, chance, tls, trial)
    if files.exists(folder + "/crash"):
        link.orders.append(("crash", b""))
    if files.exists(folder + "/config.back"):
        link.complain("settings taken back: no hub heard")
    if tls:
        from firmware.clock import Clock

        Clock(folder, hal.set_clock, device.uptime_ms).join(link.client, config.hall)
    gc.collect()
    hal.start(config)
    device.join(make_role(config, prompts.load(config.role, config.language), device.uptime_ms()), sender, link)
    return device


def make_sender(folder: str, config, hal, deliver):
    """What sends the presses of the role; None if it has none."""
    role = config.role
    if role == "rating_pad":
        from firmware.journal import Journal
        from firmware.ratings_out import RatingsOut

        gc.collect()
        files.make_folder(folder + "/journal")
        return RatingsOut(Journal(folder + "/journal", random32), hal, deliver)
    if role == "call_pad":
        from firmware.calls_out import CallsOut

        return CallsOut(random32(), hal, deliver)
    if role == "announcer":
        from firmware.speaker import Speaker

        return Speaker(hal, deliver)
    if role == "kiosk":
        from firmware.kiosk_out import KioskOut

        return KioskOut(folder + "/draws", config, hal, deliver, random32)
    return None


def heard(config, sender) -> dict:
    """Topic -> reader of what the role wants to hear."""
    if config.role == "kiosk":
        from protocol.kiosk import offers_topic, read_offers

        ticket = topics.down(config.hall, config.device, "ticket")
        return {offers_topic(config.hall, config.zone): read_offers, ticket: sender.read}
    if config.zone:
        from protocol.board import board_state, read_board_state

        of_zone: dict = {board_state(config.hall, config.zone): read_board_state}
        if config.role == "announcer":
            from protocol.hub_time import hub_time, read_hub_time

            of_zone[hub_time(config.hall)] = read_hub_time
        return of_zone
    from protocol.downward import read_window_state

    of_window: dict = {topics.window_state(config.hall, config.window): read_window_state}
    if config.role == "call_pad":
        from protocol.waiting import read_waiting, waiting_topic

        of_window[waiting_topic(config.hall, config.window)] = read_waiting
    if config.role in ("window_display", "rating_pad"):
        from protocol.rating_code import rating_code_topic, read_rating_code

        of_window[rating_code_topic(config.hall, config.window)] = read_rating_code
    return of_window


def make_role(config, texts, now_ms: int):
    """The role that `config` names, with the `texts` that it may show."""
    if config.role == "window_display":
        from firmware.roles.window_display import WindowDisplay as Role
    elif config.role == "rating_pad":
        from firmware.roles.rating_pad import RatingPad as Role
    elif config.role == "call_pad":
        from firmware.roles.call_pad import CallPad as Role
    elif config.role == "hall_board":
        from firmware.roles.hall_board import HallBoard as Role
    elif config.role == "kiosk":
        from firmware.roles.kiosk import Kiosk as Role
    else:
        from firmware.roles.announcer import Announcer as Role
    return Role(config, texts, now_ms)


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
