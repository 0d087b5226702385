"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "no-answer": "No answer. Look, then press again",
    "not-sent": "Offline: nothing was sent",
    "offline": "offline",
    "refused": "Not possible now",
    "refused-nobody-signed-in": "Sign in first",
    "refused-nobody-waiting": "Nobody is waiting",
    "refused-nothing-called": "Nothing is called",
    "refused-slip": "Called just now. Wait a moment",
    "refused-stale": "Window has changed. Look, press again",
    "sending": "Sending",
    "starting": "Starting",
    "unconfirmed": "?",
}
