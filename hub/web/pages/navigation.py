"""The pages of staff, in the order in which the navigation has them. Each is shown to whom hub.permissions lets in."""

from __future__ import annotations

from hub.permissions import PEOPLE, may
from hub.web.accounts import Caller

PAGES = {
    "manager": "/manager",
    "clerk": "/clerk",
    "desk": "/desk",
    "reviews": "/reviews",
    "report": "/report",
    "admin": "/admin",
    "index": "/hall",
    "board": "/board",
}
"""Page -> its address. Its word is `page.common.nav-PAGE`."""


def pages_for(caller: Caller) -> list[tuple[str, str]]:
    """(page, address) of what the caller may open; nothing for machines and for who has no login."""
    if caller.role not in PEOPLE:
        return []
    return [(page, path) for page, path in PAGES.items() if may(caller.role, f"GET {path}")]
