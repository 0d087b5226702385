"""What devices say on their glass: one generated module per role and language, of which a device loads one.

`python -m tools.prompts` makes the modules from hub/texts/device.toml.
"""


def load(role: str, language: str) -> dict:
    """Key -> text of everything that the role can show. Raises ImportError for an unknown role or language."""
    name = "firmware.prompts." + (role + "_" + language).lower().replace("-", "_")
    return __import__(name, None, None, ["TEXTS"]).TEXTS
