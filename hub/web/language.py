"""Which language a page speaks: asked for (`?lang=`), chosen before (a cookie), or what the browser prefers."""

from __future__ import annotations

from fastapi import Request

from hub.texts import DEFAULT_LANGUAGE
from protocol.downward import LANGUAGES

COOKIE = "jiaohao_lang"
YEAR_S = 365 * 86_400

NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
"""Each language in its own words, for the links that change it."""

_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")
"""What browsers call Traditional Chinese; any other Chinese is taken for Simplified."""

HEADER_CHARS = 500
"""Of Accept-Language; browsers send less than 100."""


def asked_for(request: Request) -> str | None:
    """The language in `?lang=`, if it is one of ours."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def language_of(request: Request) -> str:
    """One of protocol.downward.LANGUAGES."""
    chosen = asked_for(request) or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> str:
    """The first of our languages in an Accept-Language header, by its weights; else the default."""
    wishes = []
    for place, wish in enumerate(header[:HEADER_CHARS].split(",")):
        tag, _, weight = wish.strip().partition(";q=")
        wishes.append((-_number(weight), place, tag.strip().lower()))
    for minus_weight, _, tag in sorted(wishes):
        if minus_weight < 0 and (language := _ours(tag)):
            return language
    return DEFAULT_LANGUAGE


def _number(weight: str) -> float:
    try:
        return float(weight or 1)
    except ValueError:
        return 0


def _ours(tag: str) -> str | None:
    if tag.startswith(_TRADITIONAL):
        return "zh-Hant"
    if tag.partition("-")[0] == "zh":
        return "zh-Hans"
    return "en" if tag.partition("-")[0] == "en" else None
