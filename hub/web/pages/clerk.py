"""GET /clerk: what a clerk works with all day, by keyboard alone."""

from __future__ import annotations

from fastapi import Request, Response

from hub.core.deciding.places import PLACES
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render

KEYS = {
    "next": "N",
    "recall": "R",
    "start": "S",
    "finish": "F",
    "missed": "M",
    "hold": "H",
    "transfer": "T",
    "change-service": "C",
    "add-service": "A",
    "case": "K",
    "pause": "P",
    "resume": "P",
    "automatic": "O",
    "take-back": "U",
}
"""What can be pressed -> its key. The same letters in every language: they are printed on the keyboard. P and U mean
what is possible at the moment."""

MORE = ("hold", "transfer", "change-service", "add-service", "case")
"""What is asked for more rarely, after the four of every visit."""

router = new_router()


@router.get("/clerk")
async def clerk(request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    user = web.accounts.user(caller.name)
    display = user.display if user else caller.name
    spoken = language_of(request)
    hall = web.picture.hall
    names = {
        "services": {service.id: service.names[spoken] for service in hall.services.values()} if hall else {},
        "classes": {klass.id: klass.names[spoken] for klass in hall.classes.values()} if hall else {},
        "pauses": {pause: texts[spoken] for pause, texts in hall.pauses.items()} if hall else {},
    }
    return render(
        request,
        "clerk",
        caller,
        display=display,
        keys=KEYS,
        more=MORE,
        places=PLACES,
        pauses=names["pauses"],
        services=names["services"],
        data={"keys": KEYS, **names},
    )
