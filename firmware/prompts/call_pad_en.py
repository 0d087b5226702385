"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "no-answer": "No answer. Look, then press again",
    "not-sent": "Offline: nothing was sent",
    "offline": "offline",
    "refused": "Not possible now",
    "sending": "Sending",
    "starting": "Starting",
    "unconfirmed": "?",
    "waiting": "Waiting: ",
}
