"""Fetches the front-end files that are vendored: `python -m tools.vendor` (it needs npm and the registry).

hub/web/static/vendor/vendored.toml is the list. A package is taken in the one version and with the one hash that the
list names; out of it come the files it names, unchanged, and the icons as one file of symbols. Pages never load from
anywhere but the hub, so this is for whoever wants another version or another icon; a test compares the files there.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
import tempfile
import tomllib
from base64 import b64encode
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "hub" / "web" / "static" / "vendor"
LIST = FOLDER / "vendored.toml"
ICONS = FOLDER / "icons.svg"
SUMS = FOLDER / "SHA256SUMS"
OURS = frozenset({LIST.name, SUMS.name})
"""Files of the folder that did not come from elsewhere."""


def packages() -> dict[str, dict[str, Any]]:
    """Package -> what the list says of it."""
    return tomllib.loads(LIST.read_text("utf-8"))


def made_files() -> list[str]:
    """Names of all files that the list leads to, in order."""
    return sorted([ICONS.name, *(name for about in packages().values() for name in about["files"])])


def sums() -> str:
    """SHA256SUMS as it should be for the files that are there."""
    lines = (f"{hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()}  {name}\n" for name in made_files())
    return "".join(lines)


def fetch(name: str, version: str, integrity: str, folder: Path) -> Path:
    """The package, unpacked under `folder`. Raises SystemExit when it is not the one that the list means."""
    packed = (
        folder
        / subprocess.check_output(
            ["npm", "pack", "--silent", f"{name}@{version}"], cwd=folder, text=True, stderr=subprocess.DEVNULL
        ).strip()
    )
    found = f"sha512-{b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()}"
    if found != integrity:
        raise SystemExit(f"{name} {version}: the registry has {found}, {LIST.name} has {integrity or 'nothing'}")
    with tarfile.open(packed) as archive:
        archive.extractall(folder / name, filter="data")
    return folder / name / "package"


_DRAWING = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.DOTALL)


def sprite(icons: list[str], folder: Path) -> str:
    """One SVG with a symbol for each icon: `<use href="icons.svg#NAME">`, drawn with the strokes of class `icon`."""
    symbols = []
    for name in sorted(icons):
        drawing = _DRAWING.search((folder / f"{name}.svg").read_text("utf-8"))
        assert drawing, name
        lines = " ".join(drawing[1].split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{lines}</symbol>\n')
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, about in packages().items():
            package = fetch(name, about["version"], about["integrity"], Path(folder))
            for ours, theirs in about["files"].items():
                (FOLDER / ours).write_bytes((package / theirs).read_bytes())
            if icons := about.get("icons"):
                ICONS.write_text(sprite(icons, package / "icons"), "utf-8")
            print(f"{name} {about['version']}")
    SUMS.write_text(sums(), "utf-8")


if __name__ == "__main__":
    main()
