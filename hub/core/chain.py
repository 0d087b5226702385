"""The hash chain of rows that are only ever added: each row's link is a hash over the row and the link before it.

So a row that was altered, taken out or put in breaks the chain right there. Whoever can write all of the table could
make the chain anew from that row on; against that a link is noted where they cannot write (a backup, a printed report)
and compared later.
"""

from __future__ import annotations

import hashlib

LINK_BYTES = 32

BEGIN = bytes(LINK_BYTES)
"""The link before the first row."""


def link(before: bytes, *values: int | str) -> bytes:
    """The link of the row with `values` in the order of its columns, after the row with the link `before`. Each value
    is hashed with its type and length, so that no two rows look alike."""
    digest = hashlib.sha256(before)
    for value in values:
        data = str(value).encode()
        digest.update(b"%c%d:" % (b"i"[0] if isinstance(value, int) else b"s"[0], len(data)))
        digest.update(data)
    return digest.digest()
