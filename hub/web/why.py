"""Why somebody was called, for whoever asks: from the state for today, from the archive for other days."""

from __future__ import annotations

from hub.core.hall import Hall
from hub.core.state import State, Stop, Ticket
from hub.explain import Called, explain
from hub.texts import Text
from protocol.downward import LANGUAGES


def called_at(state: State, ticket: Ticket, stop: Stop) -> Called:
    """The call that began `stop`, with what decided it."""
    return Called(ticket.number, stop.service, ticket.klass, stop.window, stop.called_ms, state.midnight_ms, stop.why)


def calls_of(state: State, ticket: Ticket) -> list[Called]:
    """Every call of a visit of today, oldest first."""
    return [called_at(state, ticket, stop) for stop in ticket.stops]


def words(hall: Hall, called: Called) -> Text:
    return {language: explain(hall, called, language) for language in LANGUAGES}
