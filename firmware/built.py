"""When this firmware was made: `tools/bundle.py` writes it. Only what uses TLS, and an update, loads it."""

BUILT_S = 0
"""Seconds since 1970, of a release; to the day, of a bundle; 0: it was not."""

OLDEST_S = 0
"""An update that was made before this is not taken: what is older may have a hole that was closed since."""
