"""Excluding marked ratings from the figures: two people, of whom none is the clerk that the mark is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import commands, events, marks
from hub.core.commands import Moment
from hub.core.deciding.decision import Decision
from hub.core.deciding.ratings import person, words_refusal
from hub.core.ratings import cleaned
from hub.core.refusals import Refusal
from hub.core.state import MarkNow, State

Decide = Callable[[MarkNow, Any], Decision]


def _of_mark(decide: Decide) -> Callable[[State, Any, Moment], Decision]:
    def decision(state: State, command: commands.ActOnMark, now: Moment) -> Decision:
        mark = state.marks.get(command.mark)
        if mark is None:
            return Refusal("unknown-mark")
        if mark.clerk and person(command.by) == mark.clerk:
            return Refusal("own-review")
        if refusal := words_refusal(command.words):
            return refusal
        decided = decide(mark, command)
        if not isinstance(decided, Refusal) and (mark.state, type(decided[0])) not in marks.TRANSITIONS:
            return Refusal("mark-not-now", {"state": mark.state})
        return decided

    return decision


def _propose(mark: MarkNow, command: commands.ProposeExclusion) -> Decision:
    if not mark.ratings:
        return Refusal("mark-of-pad")
    if not cleaned(command.words).text:
        return Refusal("words-needed")
    return [events.ExclusionProposed(mark.mark, command.by, words=True)]


def _agree(mark: MarkNow, command: commands.AgreeToExclusion) -> Decision:
    if person(command.by) == person(mark.proposed_by):
        return Refusal("second-person")
    return [events.ExclusionAgreed(mark.mark, command.by)]


def _decline(mark: MarkNow, command: commands.DeclineExclusion) -> Decision:
    return [events.ExclusionDeclined(mark.mark, command.by, any(cleaned(command.words)))]


DECIDE = {
    commands.ProposeExclusion: _of_mark(_propose),
    commands.AgreeToExclusion: _of_mark(_agree),
    commands.DeclineExclusion: _of_mark(_decline),
}
