"""Stands for esptool: `--chip esp32 --port PORT read-mac`, and `... write-flash --erase-all 0x1000 IMAGE`, which gives
the fake board at that port what it has not had."""

from __future__ import annotations

import sys
from pathlib import Path


def main(words: list[str]) -> None:
    folder = Path(words[words.index("--port") + 1]).parent
    assert words[:2] == ["--chip", "esp32"]
    if "read-mac" in words:
        number = int(folder.name.rpartition("-")[2])
        sys.stdout.write(f"Connected to ESP32 on {folder}:\nMAC:                24:0a:c4:00:00:{number:02x}\n")
        return
    assert words[-3:-1] == ["--erase-all", "0x1000"]
    (folder / "micropython").write_bytes(Path(words[-1]).read_bytes())


if __name__ == "__main__":
    main(sys.argv[1:])
