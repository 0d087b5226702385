"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "offline",
    "scan": "Scan to rate",
    "starting": "Starting",
    "unconfirmed": "?",
}
