"""What is given on the hub's command line."""

from __future__ import annotations

import click
import pytest

from hub.cli.options import URL_CHARS, Url


def test_an_address_of_pages_is_one_that_a_phone_can_open():
    for given, taken in (
        ("", ""),
        ("https://hall.example", "https://hall.example"),
        ("https://hall.example:8443/queue/", "https://hall.example:8443/queue"),
        ("http://192.0.2.7:8000", "http://192.0.2.7:8000"),
    ):
        assert Url().convert(given, None, None) == taken
    for wrong in (
        "hall.example",
        "ftp://hall.example",
        "https://",
        "https://大厅.example",
        "https://a/?b",
        "http://a/#b",
    ):
        with pytest.raises(click.BadParameter):
            Url().convert(wrong, None, None)
    with pytest.raises(click.BadParameter):
        Url().convert("https://" + "a" * URL_CHARS, None, None)
