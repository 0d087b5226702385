"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "nobody": "Please wait to be called",
    "offline": "offline",
    "starting": "Starting",
    "unconfirmed": "?",
}
