"""Makes `firmware/prompts/*.py` from `hub/texts/device.toml`: `python -m tools.prompts`. A test compares the two.

One module per role and language: a board loads only the texts that its role can show, since all would cost it 4 KB.
"""

import tomllib
from pathlib import Path

from protocol.downward import LANGUAGES

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "hub/texts/device.toml"
ROLES = ("window-display", "rating-pad", "call-pad", "hall-board", "announcer", "kiosk")

MODULE = '''"""Made by `python -m tools.prompts` from hub/texts/device.toml: edit that."""

TEXTS = {{
{lines}
}}
'''


def generate() -> dict[Path, str]:
    """Path -> source text of each generated module. Raises KeyError when a text lacks a language."""
    sections = tomllib.loads(CATALOGUE.read_text("utf-8"))["device"]
    texts = {role: {**sections["common"], **sections.get(role, {})} for role in ROLES}
    return {_path(role, language): _module(texts[role], language) for role in ROLES for language in LANGUAGES}


def _path(role: str, language: str) -> Path:
    return ROOT / "firmware/prompts" / (f"{role}_{language}".lower().replace("-", "_") + ".py")


def _module(texts: dict, language: str) -> str:
    lines = [f'    "{key}": "{_escaped(text[language])}",' for key, text in sorted(texts.items())]
    return MODULE.format(lines="\n".join(lines))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def main() -> None:
    for path, source in generate().items():
        path.write_text(source, "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
