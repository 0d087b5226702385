"""What a board runs at start; `tools/bundle.py` copies it to the board's root."""

from firmware.hal import esp32

esp32.run("/device")
