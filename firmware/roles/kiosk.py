"""The kiosk at the entrance: an applicant presses a service, and maybe a class or a code, and gets a number.

A number that somebody may have on paper, or has read and kept, stays; one that nobody has is given up, and the hub
takes it back. So no number is called that nobody has, and none that somebody has is missing. Whoever does not get their
paper sees the number on the glass and may print again, or keep it in mind. While there is no paper, only those get a
number who said before that they want one without.

All is asked by menus of few lines: a digit on the keys chooses a line.
"""

from collections import namedtuple

from firmware.roles.place import Place
from firmware.roles.vocabulary import Beep, KeyPressed, Leds, Show
from protocol.downward import LANGUAGES
from protocol.freshness import NOTHING
from protocol.kiosk import CODE_CHARS, CODE_NEEDED, WALK_IN, Offers, Ticket

Ask = namedtuple("Ask", ("service", "klass", "language", "code"))
"""An effect: ask the hub for a ticket, again and again, once it is on flash that it may come. The hub's answer is heard
as a Ticket; one without number and lines: flash did not take it, and nobody was asked."""

Do = namedtuple("Do", ("verb", "value"))
"""An effect. "print": print the slip; from now on somebody may have the number. "keep": somebody has it without paper.
"void": nobody has it, or none came, which the hub must know. "language": hand over the texts in that language."""

Done = namedtuple("Done", ("verb", "value"))
"""An event. "print": why the slip did not come out; empty: it did. "language": the texts. "printer": why the printer
would not print now; empty: it would."""

MENU = "choose"
CODE = "code"
ASKING = "wait"
PRINTING = "print"
HOLDING = "keep"
SAID = "said"
"""What the kiosk is at: a choice; typing a code; waiting for the hub, or for the printer; a number that has no paper;
something to be read. Words that a board has anyway: each further one costs it memory."""

PAGE = 3
"""Lines of a menu at a time: a glass of 64 px has four, the first of which says what it is about."""

IDLE_MS = 30_000
"""Whoever has not pressed for so long has gone; the next one begins anew, in the hall's first language."""

ANSWER_MS = 10_000
"""A hub that has not answered by then is asked no more."""

HOLD_MS = 60_000
"""So long a number without paper waits for a word of the applicant; WCAG 2.2.1 asks for 20 s at least."""

KEY_LOCK_MS = 300
"""A key bounces, and a finger slips, for less than this."""

TURN_MS = 2000
"""Long enough to read a number, or two short lines."""

READ_MS = 6000
BEEP_MS = 100


class Kiosk:
    """A role: `handle(event, now_ms)` gives effects. Its menus are lists of (text, action, argument)."""

    def __init__(self, config, texts, now_ms: int):
        self._layout = config.layout
        self._first = self._language = config.language
        self._texts = texts  # in that language; a board has no room for those of two
        self._place = Place(Offers, config.zone, config, None, now_ms)
        self._wrong = ""  # why the printer does not print
        self._pressed_ms = now_ms - KEY_LOCK_MS
        self._look = None  # of the glass
        self._lit = None
        self._begin()

    def _begin(self) -> list:
        """For the next applicant."""
        before, self._language = self._language, self._first
        self._step, self._head, self._menu, self._page = MENU, (), None, 0  # no menu: the services
        self._until_ms = self._service = self._klass = None
        self._number, self._slip = "", b""  # those of the ticket
        self._needs_code = self._without_paper = False
        self._code = ""
        return [] if before == self._first else [Do("language", self._first)]

    def handle(self, event, now_ms: int) -> list:
        kind = type(event)
        effects = []
        is_new = self._place.follow(event, now_ms)
        if kind is KeyPressed and now_ms - self._pressed_ms >= KEY_LOCK_MS:
            self._pressed_ms = now_ms
            effects = self._press(self._layout[event.key] if event.key < len(self._layout) else "", now_ms)
        elif kind is Done:
            effects = self._done(event.verb, event.value, now_ms)
        elif kind is Ticket and self._step == ASKING:
            _, self._number, lines, self._slip = event
            if event.number:
                effects = self._hold(now_ms) if self._wrong else self._print()
            else:
                self._say(tuple(lines) or (self._texts["no-answer"],), now_ms)
                effects = [Do("void", "")]
        elif self._until_ms is not None and now_ms >= self._until_ms:
            effects = self._too_late(now_ms)
        elif not is_new and self._look == self._looks(now_ms):
            return []
        show = self._draw(now_ms)
        # A number is on the glass before it goes to the printer, and kept before the glass says so.
        return effects + show if self._step == SAID else show + effects

    # Keys

    def _press(self, word: str, now_ms: int) -> list:
        step = self._step
        if step in (ASKING, PRINTING) or not word:
            return []
        if step == SAID or (word == "back" and step != HOLDING):
            return self._begin()
        if step != HOLDING:
            self._until_ms = now_ms + IDLE_MS
        if step != CODE:
            return self._pick(word, now_ms)
        if word.isdigit() and len(self._code) < CODE_CHARS:
            self._code += word
        elif word == "more":
            self._code = self._code[:-1]
        elif word == "ok" and self._code:
            return self._go_on(now_ms)
        return []

    def _pick(self, word: str, now_ms: int) -> list:
        """A key while there is a menu."""
        menu, page = self._items(), self._page
        if word == "more":
            self._page = page + PAGE if page + PAGE < len(menu) else 0
        elif word[:8] == "service:":
            for _, action, entry in menu:
                if action == "service" and entry.split("|")[0] == word[8:]:
                    return self._choose(action, entry, now_ms)
        elif word.isdigit() and 0 < int(word) <= min(PAGE, len(menu) - page):
            _, action, argument = menu[page + int(word) - 1]
            return self._choose(action, argument, now_ms)
        return []

    def _choose(self, action: str, argument: str, now_ms: int) -> list:
        if action == "again":
            return self._print()
        if action == "keep":
            self._say((self._number, self._texts["kept"]), now_ms)
            return [Do(action, "")]
        if action == "language":
            self._language, self._page = argument, 0
            return [Do(action, argument)]
        if action == "service":
            self._service, mark = argument.split("|")[:2]
            self._needs_code = mark == CODE_NEEDED
        elif action == "appointment":
            self._service, self._klass, self._needs_code = "", WALK_IN, True
        elif action == "class":
            self._klass = argument.split("|")[0]
        else:
            self._without_paper = True
        return self._go_on(now_ms)

    def _go_on(self, now_ms: int) -> list:
        """The next question that is open; without one the hub is asked."""
        texts, offers = self._texts, self._place.state
        self._page = 0
        if self._klass is None and offers and len(offers.classes) > 1:
            self._menu = self._entries("class", offers.classes)
        elif self._needs_code and not self._code:
            self._step, self._head = CODE, (texts["code"],)
        elif self._wrong and not self._without_paper:
            self._step, self._head = MENU, (texts["no-paper"],)
            self._menu = [(texts["without"], "without", "")]
        elif self._place.offline(now_ms):
            self._say((texts["no-answer"],), now_ms)
        else:
            self._step, self._head, self._until_ms = ASKING, (texts["wait"],), now_ms + ANSWER_MS
            return [Ask(self._service, self._klass or WALK_IN, self._language, self._code)]
        return []

    # What becomes of a number

    def _done(self, verb: str, value, now_ms: int) -> list:
        if verb == "printer":
            self._wrong = value
        elif verb == "language":
            self._texts = value
        elif self._step == PRINTING and value:
            return self._hold(now_ms)
        elif self._step == PRINTING:
            self._slip = b""
            self._say((self._number, self._texts["take"]), now_ms)
            return [Beep(BEEP_MS)]
        return []

    def _print(self) -> list:
        """How it went is always said, so there is no end to this."""
        self._step, self._until_ms = PRINTING, None
        self._head = (self._number,)
        return [Do("print", self._slip)]

    def _hold(self, now_ms: int) -> list:
        """A number without paper: kept in mind, printed once more, or void."""
        texts = self._texts
        self._step, self._page, self._until_ms = HOLDING, 0, now_ms + HOLD_MS
        self._head = (self._number + " " + texts["void-soon"],)
        self._menu = [(texts["keep"], "keep", ""), (texts["again"], "again", "")]
        return [Beep(BEEP_MS)]

    def _too_late(self, now_ms: int) -> list:
        if self._step not in (ASKING, HOLDING):
            return self._begin()
        number, texts = self._number, self._texts
        self._say((number, texts["void"]) if number else (texts["no-answer"],), now_ms)
        return [Do("void", "")]

    def _say(self, texts: tuple, now_ms: int) -> None:
        self._step, self._head, self._until_ms = SAID, texts, now_ms + READ_MS

    # The glass

    def _looks(self, now_ms: int) -> tuple:
        """Whether it says that it is offline, and has the number alone, as large as can be: in turns with what can be
        done with a number that has no paper."""
        return self._place.offline(now_ms), self._step == HOLDING and now_ms // TURN_MS % 2 == 1

    def _items(self) -> list:
        """The menu: what was asked, else the services, an appointment, and the other languages."""
        if self._menu is not None:
            return self._menu
        offers = self._place.state
        menu = []
        if offers and not offers.closed:
            menu = self._entries("service", offers.services)
            if "ok" in self._layout:
                menu.append((self._texts["appointment"], "appointment", ""))
        for language in LANGUAGES:
            if language != self._language:
                menu.append((self._texts["in-" + language], "language", language))
        return menu

    def _entries(self, action: str, entries) -> list:
        """Items of a menu, with names out of entries of the offers."""
        place = 2 + LANGUAGES.index(self._language)
        menu = []
        for entry in entries:
            parts = entry.split("|")
            menu.append((parts[place] or parts[2], action, entry))
        return menu

    def _draw(self, now_ms: int) -> list:
        texts, head, offers = self._texts, self._head, self._place.state
        self._look = offline, is_large = self._looks(now_ms)
        menu = []
        if self._step == CODE:
            head += (self._code + "_",)
        elif self._step in (MENU, HOLDING):
            menu = self._items()
        if is_large:
            head = (self._number,)
        elif menu:
            if not head:
                closed = offers.closed.get(self._language) if offers else texts["starting"]
                head = (closed or texts["no-paper" if self._wrong else "choose"],)
            if len(menu) > PAGE:
                pages = str(self._page // PAGE + 1) + "/" + str((len(menu) + PAGE - 1) // PAGE)
                head = (head[0] + " " + pages,)
            for place, item in enumerate(menu[self._page : self._page + PAGE]):
                head += (str(place + 1) + " " + item[0],)
        mode = self._step if offers else ""
        show = Show(head, texts["offline"] if offline else "", False, NOTHING, mode, self._number, None)
        before, self._lit = self._lit, self._lights(len(menu))
        return [show] if self._lit == before else [show, self._lit]

    def _lights(self, items: int) -> Leds:
        """Those of the keys that do something now, beside a menu of so many items."""
        step, lit = self._step, []
        is_home = step == MENU and self._menu is None
        for word in self._layout:
            if step == CODE:
                does = bool(word)
            elif word.isdigit():
                does = 0 < int(word) <= min(PAGE, items - self._page)
            elif word == "more":
                does = items > PAGE
            elif word == "back":
                does = step == MENU and not is_home
            else:
                does = is_home and word[:8] == "service:"
            lit.append(1 if does else 0)
        return Leds(tuple(lit))
