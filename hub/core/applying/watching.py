"""Alarms."""

from __future__ import annotations

from hub.core import events
from hub.core.state import AlarmNow, State


def _alarm_raised(state: State, seq: int, at_ms: int, event: events.AlarmRaised) -> None:
    alarm = state.alarms.setdefault(event.alarm, AlarmNow(event.alarm, event.rule, event.subject, at_ms))
    alarm.level, alarm.told_ms = event.level, at_ms


def _alarm_cleared(state: State, seq: int, at_ms: int, event: events.AlarmCleared) -> None:
    state.alarms.pop(event.alarm, None)


APPLY = {events.AlarmRaised: _alarm_raised, events.AlarmCleared: _alarm_cleared}
