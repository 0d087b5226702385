"""What a clerk can press on a call pad. A file of its own: of a board's roles only a call pad loads it."""

KEYPAD = ("next", "recall", "start", "finish", "missed")
"""The keys of a pad for which nothing else is configured, from the left."""

VERBS = KEYPAD + (
    "hold",
    "pause",
    "resume",
    "take-back-call",
    "take-back-start",
    "take-back-finish",
    "take-back-missed",
)
"""All that needs nothing said with it: to whom to transfer, or whom to pick, is said on the clerk's page."""

KEYS_MAX = 16
"""Keys of a pad."""
