"""When this firmware was compiled: `tools/bundle.py` writes it. Only what uses TLS loads it."""

BUILT_S = 0
"""Seconds since 1970, to the day; 0: it was not."""
