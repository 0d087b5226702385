"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "offline",
    "quiet": "Quiet hours",
    "silent": "Announcements",
    "starting": "Starting",
    "unconfirmed": "?",
}
