"""Signed releases of the firmware, for updates over the air."""
