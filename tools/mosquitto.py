"""Debian's mosquitto with its dynamic security plugin, as an administrator would set it up; for chaos and tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.demo.opening import write_private

LIBRARIES = (Path("/usr/lib"), Path("/usr/local/lib"), Path("/usr/lib64"))
PLUGIN = "mosquitto_dynamic_security.so"


class MosquittoMissing(Exception):
    """It is not installed; the text says what to install."""


def program(name: str) -> str:
    """The path of mosquitto or mosquitto_ctrl. Raises MosquittoMissing."""
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise MosquittoMissing(f"{name} is missing: apt-get install mosquitto (make test does it as root)")
    return path


def configure(folder: Path, port: int, admin: str, password: str, *more: str) -> list[str]:
    """Writes the configuration and the file of rights into `folder`, which exists; `more` are further lines. The
    command that runs it. Raises MosquittoMissing."""
    rights = folder / "dynamic-security.json"
    command = [program("mosquitto_ctrl"), "dynsec", "init", str(rights), admin, password]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous false",
        f"plugin {_plugin()}",
        f"plugin_opt_config_file {rights}",
        *more,
    ]
    if os.getuid() == 0:
        lines.append("user root")  # or it gives up the right to read this folder
    write_private(folder / "mosquitto.conf", "\n".join(lines) + "\n")
    return [program("mosquitto"), "-c", str(folder / "mosquitto.conf")]


def _plugin() -> Path:
    for folder in LIBRARIES:
        for found in (*folder.glob(PLUGIN), *folder.glob(f"*/{PLUGIN}")):
            return found
    raise MosquittoMissing(f"{PLUGIN} is missing: apt-get install mosquitto")
