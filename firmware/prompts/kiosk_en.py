"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {
    "again": "Print again",
    "appointment": "Appointment",
    "choose": "Choose one",
    "code": "Type your code, then OK",
    "in-en": "English",
    "in-zh-Hans": "简体中文",
    "in-zh-Hant": "繁體中文",
    "keep": "I keep it",
    "kept": "Keep it in mind",
    "no-answer": "No answer. Please try again",
    "no-paper": "No paper now",
    "offline": "offline",
    "starting": "Starting",
    "take": "Take your slip",
    "unconfirmed": "?",
    "void": "is void",
    "void-soon": "no slip: void in 1 min",
    "wait": "Please wait",
    "without": "Without paper",
}
