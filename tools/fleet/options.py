"""Options that the commands of `jiaohao fleet` share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.flash.devices import DeviceApi
from tools.hub_client import hub_options


def at_hub(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that asks the hub; it gets `hub` first."""

    @hub_options
    @functools.wraps(command)
    def asked(url: str, key_file: Path | None, **given: Any) -> None:
        command(DeviceApi(url, key_file), **given)

    return asked
