"""A hall in which everything can happen: classes, papers, appointments, pauses, an alarm, a limit of people inside."""

from __future__ import annotations

from dataclasses import replace

from hub.core.hall import Admission, AlarmRule, Calls, Hall, Slots, TicketClass
from tests.hub.halls import names, small_hall

CAPACITY = 6
FIRST_WORD = AlarmRule("word", names("首次联系"), "contact", 60, ("lead",))
"""Within an hour of its limit."""


def full_hall() -> Hall:
    """The small hall; service `b` needs a pre-check; slots for 2 people every half hour from 09:00 to 11:00."""
    hall = small_hall()
    papers = {"form": names("表格"), "id": names("证件")}
    services = {**hall.services, "b": replace(hall.services["b"], pre_check=True, papers=papers)}
    return replace(
        hall,
        services=services,
        classes={
            "priority": TicketClass("priority", names("优先"), 20, ("kiosk", "clerk", "admin")),
            "green": TicketClass("green", names("绿色通道"), 30, ("clerk", "admin")),
            "appointment": TicketClass("appointment", names("预约"), 10, ()),
        },
        pauses={"meal": names("用餐")},
        calls=Calls(return_after=1),
        admission=(Admission(("*",), mode="mixed", capacity=CAPACITY),),
        slots=(Slots(("*",), 9 * 60, 11 * 60, 30, 2, ("a",)),),
        alarms=(AlarmRule("long", names("久等"), "wait", 30, ("lead", "chief")), FIRST_WORD),
    )
