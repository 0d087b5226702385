"""What all decisions share."""

from __future__ import annotations

from hub.core import events, personal
from hub.core.hall import Service
from hub.core.refusals import Refusal
from hub.core.state import State

Decision = list[events.Event] | Refusal


def text_refusal(*texts: str) -> Refusal | None:
    """What somebody typed that would carry a person's number or address into the log, which is kept for good."""
    return Refusal("personal-data") if any(map(personal.kind_in, texts)) else None


def service_of(state: State, service: str) -> Service | None:
    """The service with that id; before there is a hall there is none."""
    return state.hall.services.get(service) if state.hall else None
