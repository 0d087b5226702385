"""What a device says on its glass, one generated module per language, of which a device loads one.

`python -m tools.prompts` makes the modules from hub/texts/device.toml.
"""


class Prompts:
    """`prompts(key)` is the text in the device's language. Raises KeyError for a key that is not in the catalogue."""

    def __init__(self, language: str):
        if language == "zh-Hans":
            from firmware.prompts.zh_hans import TEXTS
        elif language == "zh-Hant":
            from firmware.prompts.zh_hant import TEXTS
        else:
            from firmware.prompts.en import TEXTS
        self._texts = TEXTS

    def __call__(self, key: str) -> str:
        return self._texts[key]

    def refusal(self, code: str) -> str:
        """The text for the hub's reason `code`; a general one for a reason that this firmware does not know."""
        return self._texts.get("refused-" + code) or self._texts["refused"]
