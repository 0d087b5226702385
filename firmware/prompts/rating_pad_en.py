"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "offline": "offline",
    "out-of-service": "Out of service. Please tell the staff",
    "rate": "Please rate this service",
    "starting": "Starting",
    "thanks": "Thank you for your rating",
    "unconfirmed": "?",
    "welcome": "Welcome",
}
