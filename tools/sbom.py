"""What is in the product, and under which licences: `python -m tools.sbom`.

Writes docs/sbom.cdx.json (CycloneDX 1.6) and docs/licences.md from requirements.lock, from the metadata of what is
installed, from the nats-server binary, which names its own parts, from the list of files that go to a board, and from
the list of vendored front-end files. Both files are the same for the same input: without time stamps, in order. A test
compares them.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from hub.adapters.nats_process import program
from tools import bundle, vendor

ROOT = Path(__file__).parent.parent
SBOM = ROOT / "docs" / "sbom.cdx.json"
LICENCES = ROOT / "docs" / "licences.md"
LOCK = ROOT / "requirements.lock"

UNKNOWN = "NOASSERTION"

_PERMISSIVE = ("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0")
_LIBRARY = "LGPL-3.0-or-later"

ALLOWED = frozenset({*_PERMISSIVE, "OFL-1.1", _LIBRARY})
"""Licences that what is shipped under Apache-2.0 may carry with it. The font's asks to keep its name and its text;
_LIBRARY asks that whoever has the program can put another version of the library in its place: it is a package of its
own, unchanged, from PyPI, and nothing of it is copied into ours."""

_STATED = {
    "aiomqtt": "BSD-3-Clause",
    "bcrypt": "Apache-2.0",
    "click-default-group": "BSD-3-Clause",
    "colorama": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "pyrage": "MIT",
    "uvloop": "Apache-2.0 OR MIT",
}
"""Read by hand in the package itself, where its metadata says nothing, too little, or two things."""

_SAME = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU LGPL v3+": _LIBRARY,
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
"""What older metadata calls a licence -> its SPDX name."""

_GO = {
    "github.com/antithesishq/": "MIT",
    "github.com/klauspost/compress": "BSD-3-Clause",
    "github.com/minio/highwayhash": "Apache-2.0",
    "github.com/nats-io/": "Apache-2.0",
    "golang.org/x/": "BSD-3-Clause",
}
"""Beginnings of the names of Go modules -> licence, read by hand."""

_GO_MODULE = re.compile(rb"\ndep\t([^\t\n]+)\t([^\t\n]+)\t")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """Something that the product is made of. `kind`: pypi, golang, npm, font or own; `sha256`: of its packages."""

    kind: str
    name: str
    version: str
    licence: str
    shipped: bool
    sha256: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def parts() -> list[Part]:
    """Everything, in order: what is shipped first."""
    found = [*_packages(), *_inside_the_broker(), *_on_a_board(), *_in_pages()]
    return sorted(found, key=lambda part: (not part.shipped, part.kind, part.name))


def locked() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Package -> (version, SHA-256 of each of its files), out of the lock."""
    text = LOCK.read_text("utf-8")
    starts = [*_REQUIREMENT.finditer(text)]
    ends = [*(found.start() for found in starts[1:]), len(text)]
    return {
        _canonical(found[1]): (found[2], tuple(re.findall(r"--hash=sha256:(\w+)", text[found.start() : end])))
        for found, end in zip(starts, ends, strict=True)
    }


def runtime() -> set[str]:
    """Packages that an installed hub needs, on any platform."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    waiting = [*project["dependencies"]]
    found: set[str] = set()
    there = locked()
    while waiting:
        name = _canonical(re.split(r"[^\w.-]", waiting.pop(), maxsplit=1)[0])
        if name not in found and name in there:  # some are for other versions of Python than ours
            found.add(name)
            waiting += _requirements(name)
    return found


def _requirements(name: str) -> list[str]:
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # for another platform
        return []
    return [line for line in lines if not re.search(r";.*\bextra\b", line)]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(name: str) -> str:
    """The SPDX expression of a package; UNKNOWN when nothing says it."""
    if name in _STATED:
        return _STATED[name]
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return UNKNOWN
    if stated := about.get_all("License-Expression"):
        return str(stated[0])
    classifiers = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line[:7] == "License"]
    for words in (*(about.get_all("License") or ()), *classifiers):
        if words in ALLOWED | {"MPL-2.0"} or words in _SAME:
            return _SAME.get(str(words), str(words))
    return UNKNOWN


def is_allowed(licence: str) -> bool:
    """Whether something with this licence may be shipped: of alternatives one is enough, of parts each counts."""
    return any(all(part in ALLOWED for part in one.split(" AND ")) for one in licence.split(" OR "))


def _packages() -> Iterator[Part]:
    shipped = runtime()
    for name, (version, hashes) in locked().items():
        yield Part("pypi", name, version, licence_of(name), name in shipped, tuple(sorted(hashes)))


def _inside_the_broker() -> Iterator[Part]:
    """The Go modules that were built into nats-server: the binary names them."""
    for name, version in sorted(set(_GO_MODULE.findall(program().read_bytes()))):
        known = (words for start, words in _GO.items() if name.decode().startswith(start))
        yield Part("golang", name.decode(), version.decode(), next(known, UNKNOWN), True)


def _on_a_board() -> Iterator[Part]:
    version = metadata.version("jiaohao")
    files = [str(Path(name).with_suffix(".mpy")) for name in bundle.programs(bundle.texts())[0]]
    files += [Path(name).name for name in bundle.BOARD_ROOT]
    yield Part("own", "jiaohao-firmware", version, "Apache-2.0", True, files=tuple(sorted(files)))
    font = "OFL-1.1 OR GPL-2.0-or-later WITH Font-exception-2.0"
    yield Part("font", "unifont", "subset", font, True, files=bundle.GLYPHS[:1])
    yield Part("font", "noto-sans-cjk", "subset", "OFL-1.1", True, files=bundle.GLYPHS[1:4])


def _in_pages() -> Iterator[Part]:
    for name, about in vendor.packages().items():
        files = [*about["files"], *([vendor.ICONS.name] if "icons" in about else [])]
        yield Part("npm", name, about["version"], about["licence"], True, files=tuple(sorted(files)))


def sbom_text() -> str:
    """docs/sbom.cdx.json. Serial number and time are left out: the same product is described by the same file."""
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [_component(part) for part in parts()],
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


_TYPES = {"own": "firmware", "font": "data"}


def _component(part: Part) -> dict[str, Any]:
    reference = f"{part.kind}:{part.name}"
    component: dict[str, Any] = {
        "bom-ref": reference,
        "name": part.name,
        "version": part.version,
        "type": _TYPES.get(part.kind, "library"),
        "scope": "required" if part.shipped else "excluded",
    }
    if part.kind in ("pypi", "golang", "npm"):
        component["purl"] = f"pkg:{part.kind}/{part.name}@{part.version}"
    if part.licence != UNKNOWN:
        component["licenses"] = [{"expression": part.licence}]
    if part.sha256:
        component["hashes"] = [{"alg": "SHA-256", "content": each} for each in part.sha256]
    if part.files:
        component["components"] = [{"bom-ref": f"file:{name}", "name": name, "type": "file"} for name in part.files]
    return component


def licences_text() -> str:
    """docs/licences.md."""
    rows = "\n".join(
        f"| {part.name} | {part.version} | {_KIND_WORDS[part.kind]} | {part.licence} |"
        for part in parts()
        if part.shipped
    )
    return f"""# Licences of what is shipped

Made by `python -m tools.sbom`; the whole list, with hashes and with what is only used to build and to test, is
[sbom.cdx.json](sbom.cdx.json). The product itself is under Apache-2.0. Of alternatives we take the first that is
permissive; a test fails when something is shipped whose licence is unknown or asks for more than to be named.

| part | version | what it is | licence |
|---|---|---|---|
{rows}
"""


_KIND_WORDS = {
    "pypi": "installed with the hub",
    "golang": "inside nats-server",
    "npm": "in the hub's pages",
    "own": "runs on boards",
    "font": "glyphs on boards",
}


def main() -> None:
    for file, text in ((SBOM, sbom_text()), (LICENCES, licences_text())):
        file.write_text(text, "utf-8")
        print(f"wrote {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
