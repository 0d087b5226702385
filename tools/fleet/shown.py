"""How devices are, in words and as tables. Pure: what the hub's API says of them in, lines out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.columns import columns
from tools.flash.label import place

HEAD = ("DEVICE", "ROLE", "PLACE", "STATE", "BOARD", "ERROR", "PENDING")
LEFT = 6
"""Columns of words, before the number."""


def state(device: dict[str, Any]) -> str:
    """In a word; what must be done about it comes first."""
    if device["revoked"]:
        return "revoked"
    if device["locked_out"]:
        return "locked out"
    if device["clone"]:
        return "clone"
    return "online" if device["online"] else "away"


def table(devices: Sequence[dict[str, Any]]) -> list[str]:
    """A line for each device, below a head; those that are revoked last."""
    ordered = sorted(devices, key=lambda device: (device["revoked"], _place(device), device["id"]))
    rows = [
        (
            device["id"],
            device["role"],
            _place(device),
            state(device),
            device["board"] or "-",
            device["error"] or "-",
            str(device["pending"]),
        )
        for device in ordered
    ]
    return columns([HEAD, *rows], LEFT)


def details(device: dict[str, Any]) -> list[str]:
    """All that is known of one device."""
    epoch, revision = device["shown"]
    facts = {
        "device": device["id"],
        "role": device["role"].replace("_", " "),
        "place": _place(device),
        "state": state(device),
        "board": device["board"] or "not known",
        "language": device["language"] or "not known",
        "starts": str(device["boot"]),
        "settings": str(device["settings"]),
        "shows": f"{epoch}/{revision}" if epoch else "nothing of this hub",
        "pending": str(device["pending"]),
        "error": device["error"] or "none",
    }
    return columns(list(facts.items()), 2)


def _place(device: dict[str, Any]) -> str:
    return place(device["window"], device["zone"])
