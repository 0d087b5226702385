"""Nothing is left open that was for finding mistakes, and nothing comes from elsewhere than what was looked at."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import psutil
from cyclonedx.model.bom import Bom
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.hub.web.web_hall import web_hall
from tools import bundle, sbom, vendor
from tools.bench.hall import bench_hub

ROOT = Path(__file__).parents[2]
LOCK = sbom.LOCK.read_text("utf-8")

ICON = re.compile(r'\bicon\("([\w-]+)"')

LEFT_OPEN = re.compile(
    r"webrepl|telnet|dupterm|\bAP_IF\b|\bIF_AP\b|\.bind\(|\.listen\(\d|start_server|\bftp|\bexec\(|\beval\(|\bcompile\(|__import__|"
    r"\bpdb\b|breakpoint\(",
    re.IGNORECASE,
)
"""How somebody could get into a board, or run what they like on it, other than by its cable."""


def test_14_debug_left_open_on_boards():
    """No WebREPL, no telnet, no access point of its own, no port that listens, nothing that runs text as program."""
    texts = {**bundle.texts(), **{name: (ROOT / name).read_text("utf-8") for name in bundle.BOARD_ROOT}}
    assert len(texts) > 20
    found = {name: LEFT_OPEN.findall(text) for name, text in texts.items()}
    # Which texts are loaded is said by the board's own config.json, or is one of three languages at a kiosk, and only
    # generated modules are in that folder.
    for name in ("firmware/prompts/__init__.py", "firmware/kiosk_out.py"):
        assert found.pop(name) == ["__import__"]
    assert {name: words for name, words in found.items() if words} == {}


async def test_14_debug_left_open_in_the_hub(tmp_path: Path):
    """No debug mode, no console, no documentation pages, no route for trying things out."""
    async with web_hall(tmp_path) as hall:
        assert hall.app.debug is False
        assert (hall.app.docs_url, hall.app.redoc_url, hall.app.openapi_url) == (None, None, None)
        visitor = hall.visitor("127.0.0.1", Host="127.0.0.1")
        for path in (
            "/docs",
            "/redoc",
            "/openapi.json",
            "/debug",
            "/console",
            "/debug/pprof",
            "/admin/debug",
            "/.git/config",
        ):
            assert (await visitor.get(path)).status_code == 404, path
    words = re.compile(r"debug=True|set_debug\(|\bpdb\b|breakpoint\(|reload=True|traceback\.print|print_exc")
    for file in (ROOT / "hub").rglob("*.py"):
        assert not words.search(file.read_text("utf-8")), file


async def test_14_debug_left_open_ports(tmp_path: Path):
    """By default a hub listens on this machine only; neither it nor its broker has a port to be profiled by."""
    async with bench_hub(tmp_path, 1) as hub:
        family = [hub.process, *hub.process.children(recursive=True)]
        listening = [
            (process.name(), found.laddr.ip, found.laddr.port)
            for process in family
            for found in process.net_connections("inet")
            if found.status == psutil.CONN_LISTEN
        ]
        assert {ip for _, ip, _ in listening} <= {"127.0.0.1", "::1"}
        ports = {port for _, _, port in listening}
        # The pages, MQTT, and the port of its own that nats-server insists on, where nobody may log in.
        assert {hub.port, hub.mqtt_port} < ports and len(ports) == 3
        config = (tmp_path / "data" / "broker" / "nats.conf").read_text()
        assert not re.search(
            r"http_?port|\bhttps?\b|prof_port|\bdebug\b\W+true|\btrace\b\W+true|cluster|leafnode", config
        )


def test_20_dependencies_have_hashes_and_are_installed_with_them():
    there = sbom.locked()
    assert len(there) > 50
    for name, (version, hashes) in there.items():
        assert re.fullmatch(r"[\w.!+]+", version) and hashes, name
        assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in hashes), name
    setup = (ROOT / "Makefile").read_text().partition(".ready:")[2].partition("\n\n")[0]
    installs = [line for line in setup.replace("\\\n", "").splitlines() if "pip install" in line]
    assert len(installs) == 3
    assert "--require-hashes --requirement requirements.lock" in installs[0]
    assert "--target .venv/typings" in installs[1]  # types only, for the checker
    assert "--require-hashes --requirement tests/typings/requirements.lock" in installs[1]
    assert "--no-deps --no-build-isolation --editable ." in installs[2]  # ourselves, and nothing else


def test_20_dependencies_come_from_the_package_index_only():
    lines = [line.strip() for line in LOCK.splitlines() if line.strip() and not line.strip().startswith("#")]
    wrong = [line for line in lines if re.search(r"^-[^-]|^--(?!hash=)|://| @ |^\.|\.whl|git\+", line)]
    assert wrong == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert [each for each in declared() if each.url] == []
    assert not set(project["tool"]) & {"uv", "pdm", "poetry"}
    for file in (ROOT / "Makefile", ROOT / "tests" / "setup.sh"):
        assert not re.search(r"index-url|find-links|trusted-host|curl |wget ", file.read_text()), file


def declared() -> list[Requirement]:
    """What pyproject.toml asks for, for the hub, the demo and development."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


def test_20_dependencies_of_the_lock_are_those_of_the_project():
    there = sbom.locked()
    for wanted in declared():
        version, _ = there[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version), f"{wanted} is locked at {version}: make lock"
    direct = re.findall(r"^([\w.-]+)==(?:(?!^\S).)*?# +(?:via )?jiaohao \(pyproject\.toml\)", LOCK, re.M | re.S)
    assert {canonicalize_name(name) for name in direct} == {canonicalize_name(each.name) for each in declared()}


def test_20_dependencies_that_are_installed_are_those_of_the_lock():
    there = {name: version for name, (version, _) in sbom.locked().items()}
    ours = {canonicalize_name(each.name): each.version for each in metadata.distributions()}
    for own in ("jiaohao", "pip", "setuptools"):
        ours.pop(own, None)
    assert {name: (version, there.get(name)) for name, version in ours.items() if there.get(name) != version} == {}


def test_20_dependencies_of_the_hub_are_declared():
    """The hub imports nothing that only the demo or a test has installed."""
    owners = metadata.packages_distributions()
    imported = {name for file in (ROOT / "hub").rglob("*.py") for name in imports(file)}
    others = imported - set(sys.stdlib_module_names) - {"hub", "protocol"}
    assert {"fastapi", "sqlite_utils", "prometheus_client"} <= others
    strangers = {name for name in others if not {canonicalize_name(each) for each in owners[name]} & sbom.runtime()}
    assert strangers == set()


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_20_dependencies_are_listed_as_they_are():
    remedy = "run python -m tools.sbom"
    assert sbom.SBOM.read_text("utf-8") == sbom.sbom_text(), remedy
    assert sbom.LICENCES.read_text("utf-8") == sbom.licences_text(), remedy


def test_20_dependencies_list_is_what_others_can_read():
    listed = Bom.from_json(json.loads(sbom.SBOM.read_text("utf-8")))  # pyright: ignore[reportAttributeAccessIssue]
    names = {component.name for component in listed.components}
    assert set(sbom.locked()) | {"jiaohao-firmware", "unifont", "golang.org/x/crypto"} <= names
    firmware = next(component for component in listed.components if component.name == "jiaohao-firmware")
    assert {"boot.py", "main.py", "firmware/pad.mpy"} <= {file.name for file in firmware.components}


def test_20_dependencies_in_pages_are_the_files_that_were_fetched():
    """No file that the list does not name, none that was changed, and the licence of each package beside it."""
    there = {file.name for file in vendor.FOLDER.iterdir()} - vendor.OURS
    assert there == set(vendor.made_files())
    assert vendor.SUMS.read_text("utf-8") == vendor.sums(), "run python -m tools.vendor"
    for name, about in vendor.packages().items():
        assert about["integrity"].startswith("sha512-") and about["version"] and about["about"], name
        assert any(file.endswith(".LICENSE") for file in about["files"]), name


def test_20_dependencies_in_pages_are_icons_that_are_listed():
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', vendor.ICONS.read_text("utf-8")))
    assert symbols == set(vendor.packages()["lucide-static"]["icons"])
    used = {
        name for file in (ROOT / "hub/web/templates").glob("*.html") for name in ICON.findall(file.read_text("utf-8"))
    }
    assert used <= symbols


def test_20_dependencies_carry_licences_that_may_be_shipped():
    shipped = [part for part in sbom.parts() if part.shipped]
    assert {"pypi", "golang", "npm", "own", "font"} == {part.kind for part in shipped}
    assert [(part.name, part.licence) for part in shipped if not sbom.is_allowed(part.licence)] == []
    for refused in (sbom.UNKNOWN, "GPL-3.0-only", "AGPL-3.0-or-later", "MPL-2.0", "MIT AND GPL-2.0-only", ""):
        assert not sbom.is_allowed(refused)
