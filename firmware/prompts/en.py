"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "bad-config": "Bad configuration",
    "no-answer": "No answer. Look, then press again",
    "not-sent": "Offline: nothing was sent",
    "offline": "offline",
    "out-of-service": "Out of service. Please tell the staff",
    "rate": "Please rate this service",
    "refused": "Not possible now",
    "refused-nobody-signed-in": "Sign in first",
    "refused-nobody-waiting": "Nobody is waiting",
    "refused-nothing-called": "Nothing is called",
    "refused-slip": "Called just now. Wait a moment",
    "refused-stale": "Window has changed. Look, press again",
    "sending": "Sending",
    "starting": "Starting",
    "thanks": "Thank you for your rating",
    "unconfirmed": "?",
    "welcome": "Welcome",
}
