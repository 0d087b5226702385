"""How a page looks: light or dark, its contrast, the size of its type. Asked for (`?look=`), chosen before (a cookie),
or as the browser wants it.

A look is written as its three choices with dots between: `dark.auto.large`. What it changes is colours, by style sheets
on top of tokens.css, and one attribute for the size; so a page looks right before any script has run, and without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fastapi import Request

COOKIE = "jiaohao_look"

CHOICES = {"theme": ("auto", "light", "dark"), "contrast": ("auto", "more"), "type": ("normal", "large")}
"""What can be chosen -> its choices, first the one that nobody has to choose. "auto" is what the browser wants."""


@dataclass(frozen=True, slots=True)
class Look:
    """One of each of `CHOICES`."""

    theme: str = "auto"
    contrast: str = "auto"
    type: str = "normal"

    def __str__(self) -> str:
        return f"{self.theme}.{self.contrast}.{self.type}"


def parse(text: str) -> Look | None:
    """The look that is written like this; None for what is none."""
    parts = text.split(".")
    if len(parts) != len(CHOICES):
        return None
    if any(part not in choices for part, choices in zip(parts, CHOICES.values(), strict=True)):
        return None
    return Look(*parts)


def asked_for(request: Request) -> Look | None:
    """The look in `?look=`, if it is one."""
    return parse(request.query_params.get("look", ""))


def look_of(request: Request) -> Look:
    return asked_for(request) or parse(request.cookies.get(COOKIE, "")) or Look()


def options(look: Look) -> list[tuple[str, list[tuple[str, Look]]]]:
    """For a menu: each thing that can be chosen, with its choices and the look that each leads to."""
    return [
        (what, [(choice, replace(look, **{what: choice})) for choice in choices]) for what, choices in CHOICES.items()
    ]


def sheets(look: Look) -> Iterator[tuple[str, str]]:
    """Style sheets on top of the tokens, each with the media that it is for; empty: always."""
    is_dark = {"auto": "(prefers-color-scheme: dark)", "dark": ""}.get(look.theme)
    more = {"auto": "(prefers-contrast: more)", "more": ""}[look.contrast]
    if is_dark is not None:
        yield "dark", is_dark
    yield "contrast", more
    if is_dark is not None:
        yield "contrast-dark", " and ".join(filter(None, (is_dark, more)))
