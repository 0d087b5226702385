"""The one catalogue of texts for people: every text in zh-Hans, zh-Hant and English, under one key.

The files of this folder are tables `[key]` with one line per language; a dotted key is a table in a table.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from protocol.downward import LANGUAGES

DEFAULT_LANGUAGE = LANGUAGES[0]

Text = dict[str, str]
"""Language -> text."""


@cache
def catalogue() -> dict[str, Text]:
    """Key -> text in every language, from all files of the folder. Read once."""
    texts: dict[str, Text] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            _collect(tomllib.loads(file.read_text("utf-8")), "", texts)
    return texts


def _collect(table: dict, prefix: str, texts: dict[str, Text]) -> None:
    if DEFAULT_LANGUAGE in table:
        texts[prefix] = table
        return
    for key, value in table.items():
        _collect(value, f"{prefix}.{key}" if prefix else key, texts)


def say(key: str, language: str, **words: str) -> str:
    """The text `key` in `language`, with `{word}` filled in. Raises KeyError for a key that is not there."""
    return catalogue()[key][language].format_map(_Kept(words))


def say_all(key: str, **words: Text) -> Text:
    """The text `key` in every language; each word is given in every language too."""
    return {
        language: say(key, language, **{name: text[language] for name, text in words.items()}) for language in LANGUAGES
    }


class _Kept(dict):
    """A word that is not given stays visible as {word}: a hole in a sentence must be seen, not crash a page."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
