"""Who is next at a window. For now: first come, first served, among the services of the window.

The whole choice is behind `choose`; rules of priority replace its inside, and nobody who calls it will notice.
"""

from __future__ import annotations

from hub.core.state import State


def choose(state: State, window: str) -> str | None:
    """The visit to call next at `window`, or None when nobody waits. Costs one look per service of the window."""
    assert state.hall is not None
    heads = [
        next(iter(line.items()))
        for service in state.hall.windows[window].services
        if (line := state.waiting.get(service))
    ]
    return min(heads, key=_arrival)[0] if heads else None


def _arrival(head: tuple[str, int]) -> int:
    return head[1]
