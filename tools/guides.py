"""Writes the pages that are made from the program itself: docs/tickets.md from the table of transitions, docs/why.md
from calls that the rules really make, docs/privacy.md and docs/permissions.md from their tables,
docs/announcements.md from what announcers say, docs/wiring.md from what boards are told of their pins, docs/reviews.md
from what the rules of bad ratings answer, docs/ratings.md from the numbers by which ratings count.

`python -m tools.guides`; a test compares. The pages' lines are one longer than those of code.
"""

# ruff: noqa: E501

from __future__ import annotations

from importlib import resources
from pathlib import Path

from firmware.roles import announcer
from hub import permissions
from hub.config import read_hall
from hub.core import applying, commands, deciding, retention, tickets
from hub.core.commands import Moment
from hub.core.hall import MINUTE_MS, Hall
from hub.core.refusals import Refusal
from hub.core.state import State
from hub.explain import Called, explain
from protocol import speech
from tools.ratings_guide import ratings_page
from tools.reviews_guide import reviews_page
from tools.wiring_guide import wiring_page

DOCS = Path(__file__).parent.parent / "docs"
DAY = "2026-03-04"
MIDNIGHT_MS = 1_772_553_600_000
"""That day's 00:00 in Shanghai."""

_MEANING = {
    tickets.OUTSIDE: "The hall is full; waits before the door.",
    tickets.WAITING: "In line for a service, a window or a clerk.",
    tickets.CALLED: "On the display of a window; on the way there. *Recall* calls once more.",
    tickets.SERVING: "At the window.",
    tickets.ON_HOLD: "Parked: fetches something, and comes back without a new ticket.",
    tickets.DONE: "Served. With more services in the plan the ticket waits again instead.",
    tickets.MISSED: "Was called and did not come; may return.",
    tickets.CANCELLED: "Left without being served; or drawn at a kiosk that could not print it, and nobody kept it.",
    tickets.EXPIRED: "The day ended first.",
}


def tickets_page() -> str:
    """docs/tickets.md."""
    states = "\n".join(f"| {state} | {_MEANING[state]} |" for state in tickets.STATES)
    rows = "\n".join(
        f"| {before} | {event.__name__} | {after} |" for (before, event), after in tickets.TRANSITIONS.items()
    )
    return f"""# The life of a ticket

Made by `python -m tools.guides` from `hub/core/tickets.py`, which is the specification: `decide` refuses what is not in
this table, `apply` follows it, and a property test walks through it for ten thousand steps.

A ticket is born *waiting* by TicketDrawn, or *outside* when the hall is full. It holds a window while it is
{" or ".join(tickets.AT_WINDOW)}; its people count as inside while it is {", ".join(tickets.INSIDE)}.

| state | meaning |
|---|---|
{states}

| from | event | to |
|---|---|---|
{rows}

The four steps back after a slip of the finger are CallTakenBack, StartTakenBack, FinishTakenBack and MissTakenBack;
each is a key of its own, and the last two work while nobody has come to the window since. A called ticket that is taken
back has its very same place again.
"""


class _Hall:
    """A hall that comes along, played by hand; `at` sets the clock to HH:MM."""

    def __init__(self, name: str):
        self.state = State(epoch=1)
        self.hall: Hall = read_hall(resources.files("hub.halls").joinpath(f"{name}.toml").read_text("utf-8"))
        self.ms = MIDNIGHT_MS
        self.do(commands.ConfigureHall("", self.hall))
        self.do(commands.OpenDay("", DAY, "workday", MIDNIGHT_MS))

    def at(self, time: str) -> None:
        hours, _, minutes = time.partition(":")
        self.ms = MIDNIGHT_MS + (int(hours) * 60 + int(minutes)) * MINUTE_MS

    def do(self, command: commands.Command) -> None:
        decision = deciding.decide(self.state, command, Moment(self.ms, DAY))
        assert not isinstance(decision, Refusal), decision
        for event in decision:
            applying.apply(self.state, self.state.seq + 1, self.ms, event)

    def draw(self, time: str, service: str, klass: str = "walk-in") -> None:
        self.at(time)
        self.do(commands.DrawTicket("", f"v{self.state.seq}", service, "clerk:chen", klass))

    def next(self, window: str) -> None:
        if not self.state.windows[window].clerk:
            self.do(commands.SignIn("", f"clerk-{window}", window, "hub"))
        self.do(commands.CallNext("", window, self.state.version(window), "hub"))
        self.ms += 2 * MINUTE_MS

    def why(self, window: str) -> tuple[Hall, Called]:
        """The last call at the window."""
        ticket = self.state.tickets[self.state.windows[window].visit]
        stop = ticket.stops[-1]
        about = (ticket.number, ticket.service, ticket.klass, window, ticket.called_ms)
        return self.hall, Called(*about, self.state.midnight_ms, stop.why)


def _appointment() -> tuple[Hall, Called]:
    hall = _Hall("binhai-bay")
    hall.at("08:50")
    hall.do(commands.BookAppointment("", "b", "4711", DAY, 600, "person", 1, "", "workday", "clerk:chen"))
    hall.draw("09:35", "person")
    hall.draw("09:41", "person")
    hall.at("09:48")
    hall.do(commands.CheckIn("", "v-appointment", "4711", "kiosk:1"))
    hall.at("09:50")
    hall.next("1")
    return hall.why("1")


def _green() -> tuple[Hall, Called]:
    hall = _Hall("binhai-bay")
    hall.draw("10:02", "company")
    hall.draw("10:20", "company", "green")
    hall.at("10:25")
    hall.next("10")
    return hall.why("10")


def _condition() -> tuple[Hall, Called]:
    hall = _Hall("zengcheng")
    hall.draw("09:00", "social", "priority")
    hall.draw("09:02", "property")
    hall.at("09:45")
    hall.next("201")
    return hall.why("201")


_CALLS = (
    ("Somebody with an appointment goes first", "binhai-bay", _appointment),
    ("A window that is kept for the green channel", "binhai-bay", _green),
    ("A rule that goes before the order", "zengcheng", _condition),
)


def why_page() -> str:
    """docs/why.md."""
    sections = []
    for title, name, make in _CALLS:
        hall, called = make()
        said = "\n\n".join(f"> {explain(hall, called, language)}" for language in ("zh-Hans", "zh-Hant", "en"))
        sections.append(f"## {title}\n\nHall `{name}`, ticket {called.number}.\n\n{said}\n")
    texts = "\n".join(sections)
    return f"""# "Why was this person called before me?"

Made by `python -m tools.guides`: these calls were made by the rules, and these are the words that `jiaohao why NUMBER`,
the API (`GET /api/v1/why`) and the clerk's page give. Every call keeps its reason in the log, so the answer is the same
years later. `jiaohao why A012 --before B003` also puts two numbers beside each other.

{texts}
## The rules, first to last

1. **Reserved window**: it calls its classes; others only where the hall file says so and none of these wait.
2. **Conditions** (`[[conditions]]`): while one holds, its people go first, `at_most` times in a row at a window.
3. **Ratio** (`[[ratios]]`): while several groups wait, each gets its share of a cycle of calls.
4. **The order**: the smallest *effective arrival* = arrival (of an appointment: its time, if that is later) minus the
   credit of the class, minus what the window prefers.

**Nobody starves.** Whoever comes more than the largest credit (and preference) after somebody is behind them in the
order. A ticket is called after at most (`at_most` + 1) x (calls of a ratio's cycle) x (tickets before it in the order +
1) presses of *next* at any window that takes its service and is not reserved for others. Tickets that a clerk picks by
hand, with a reason, come on top. `tests/hub/core/test_properties.py` holds every call of its walks against this bound.
"""


def privacy_page() -> str:
    """docs/privacy.md."""
    rows = "\n".join(_kept(kind) for kind in retention.KINDS)
    return f"""# What a hall keeps of people

Made by `python -m tools.guides` from `hub/core/retention.py`, the table by which the hub itself deletes. Numbers of days
are the defaults; a hall's own are in `[retention]` of its [hall file](hall-file.md).

The hub needs no name, no phone number and no ID number to call somebody, so it keeps none. An applicant is a number and
a random handle. Where an ID number is given for an appointment, only a keyed hash of it is stored, and the key is thrown
away the day after. What people type into a hall's fields (case numbers, reasons, notes, names of logins and keys) is
refused when it looks like a mobile number, an ID number or an e-mail address: it would be in log or audit for good.

| what | where | why | how long | how it goes |
|---|---|---|---|---|
{rows}

## The job

When a business day begins, or at the next start if the hub was not running then, the hub deletes what is due: in small
transactions beside its work, overwritten in the database, and taken out of the write-ahead log. The audit has a line for
each run with counts and nothing else. The key of a booked day lies in the folder `day-keys` of the data folder; it is
overwritten and deleted when the day is over. A disk that moves what is written (every SSD) may keep an old block for a
while; encrypt the disk of the hall's machine.

## The proof

    jiaohao privacy scan --data ./data --backups ./backups --logs hub.log --exports ./reports

reads every row, the free pages and the write-ahead log of the database, snapshots, archives, logs and exports, and looks
for mobile numbers, ID numbers with a right check digit and e-mail addresses; `--find FILE` looks for the values in FILE,
one a line, besides. It says where something lies and not what it is, and ends with 1 when something lies where it must
not or for longer than it may. `--json` prints the same for a program. Encrypted backups are named as not read.

In free pages, logs and archives a number is seen when no letter or digit touches it; hashes would be taken for numbers
otherwise. `--find` sees a value anywhere.

## What is not done

- **Names cannot be recognised.** Who types a name into a reason or a case number puts it into the log for good.
- **The log and the audit are never shortened.** They are chains of hashes, so that nobody can take out a row unseen.
  What clerks did stays in them, under the name of their login, as long as the hall's data folder. Figures are worked out
  from these rows; keeping sums instead of rows after some time is not built.
- **An older database** may have deleted rows in its free pages, from before they were overwritten, and texts in its log
  that are refused now. The scan finds them. `sqlite3 hall.db vacuum`, with the hub stopped, cleans the pages; the log
  stays as it is.
- **The broker's files** keep what was cleared until the broker writes them anew, after about two megabytes of newer
  states; nobody can read it over the network any more. The scan names it as within its time.
- **Backups** keep what they have until they are deleted by their own rule.
- **Reports that somebody saved**, the journal of the system and mails that were sent are outside of the hub.
"""


def _kept(kind: retention.Kind) -> str:
    until = kind.until.replace("{days}", str(kind.days.default)) if kind.days else kind.until
    limits = f" (`{kind.id}_days`, {kind.days.least} to {kind.days.most}: {kind.days.because})" if kind.days else ""
    return f"| {kind.what} | {kind.where} | {kind.why} | {until}{limits} | {kind.how} |"


PEOPLE_AND_MACHINES = (*permissions.ROLES, permissions.APPLICANT)


def permissions_page() -> str:
    """docs/permissions.md."""
    roles = " | ".join(PEOPLE_AND_MACHINES)
    routes = "\n".join(_route(route, may) for route, may in permissions.ROUTES.items())
    rights = permissions.device_topics("HALL", "DEVICE", "WINDOW", "ZONE")
    topics = "\n".join(
        f"| `{topic}` | {what} |"
        for what, listed in (("writes", rights.writes), ("reads", rights.reads))
        for topic in listed
    )
    return f"""# Who may do what

Made by `python -m tools.guides` from `hub/permissions.py`, which the hub itself asks: for every request, for what a page
shows, and for what the broker lets a device say and hear. A route that is not in the table does not start.

- **applicant**: whoever comes without a login. A ticket is seen and changed with the secret in its link.
- **clerk** serves at a window. **manager** runs the hall of the day. **reviewer** looks into ratings. **auditor** reads
  what was done by whom. **admin** looks after users, keys, devices and the hall file.
- **kiosk**, **board** and **monitor** are machines; an admin makes their keys.
- Where the hub runs with `--open-board`, anybody may do what a board may. Programs on the hub's own machine may read
  `/metrics` without a key.

| route | {roles} |
|---|{"---|" * len(PEOPLE_AND_MACHINES)}
{routes}

## What a device may say and hear

Each device has a login of its own at the broker, with these rights and no others. `WINDOW` is the one it stands at;
boards, announcers and kiosks have no window, but the last calls of `ZONE` and what kiosks offer there.

| topic | |
|---|---|
{topics}
"""


def _route(route: str, may: permissions.Roles) -> str:
    marks = " | ".join("yes" if role in may else "" for role in PEOPLE_AND_MACHINES)
    return f"| `{route}` | {marks} |"


_SENTENCES = (("A012", "3"), ("B107", "12"), ("110", "101"), ("C3", "b2"), ("A001", "mobile"))


def announcements_page() -> str:
    """docs/announcements.md."""
    words = speech.texts()
    rows = "\n".join(
        f"| {clip:04}.mp3 | {text} | {(speech.LONG_MS if clip in speech.LONG else speech.WORD_MS) / 1000:.1f} s |"
        for clip, text in sorted(words.items())
    )
    said = "\n".join(f"| {number} | {window} | {_said(number, window, words)} |" for number, window in _SENTENCES)
    return f"""# What announcers say

Made by `python -m tools.guides` from `protocol/speech.py`, which the boards themselves ask. An announcer says who is
called twice, each time in Mandarin and then in English, out of the {len(words)} clips below. Record or synthesise them with
one voice, at one loudness and without silence at either end, and put them into the folder `mp3` of the player's card
under these names. A clip, with the player's pause after it, must not be longer than the table says: a player that
does not tell when it is done is taken to be silent after that time.

Ticket numbers are spelled, and windows are counted: 12 is 十二, 101 一百零一. For ticket numbers the digit 1 has a file
of its own, {speech.SPELLED + 1:04}.mp3: where people are used to 幺 there, as on the telephone, record 幺 in it; windows stay 一. Letters
are spoken alike in both languages. A window without a number, and one above {speech.COUNT_MAX}, is not spoken: people are asked to
look at the screen.

| number | window | what is said |
|---|---|---|
{said}

In the announcer's `config.json`, `volume` is 0 to 30 and `quiet` the hours in which it is silent, such as
`["20:00", "08:30"]`. What is called while another announcement is spoken waits; of more than {announcer.WAITING_MAX} calls that wait, the
oldest are left out, and the hub shows that as the board's last error.

| file | text | at most |
|---|---|---|
{rows}
"""


def _said(number: str, window: str, words: dict[int, str]) -> str:
    clips = speech.announcement(number, window)
    once = clips[1 : 1 + (len(clips) - 1) // 2]
    english = once.index(speech.EN_NUMBER)
    return "".join(words[clip] for clip in once[:english]) + " / " + " ".join(words[clip] for clip in once[english:])


def main() -> None:
    (DOCS / "announcements.md").write_text(announcements_page(), "utf-8")
    (DOCS / "permissions.md").write_text(permissions_page(), "utf-8")
    (DOCS / "privacy.md").write_text(privacy_page(), "utf-8")
    (DOCS / "ratings.md").write_text(ratings_page(), "utf-8")
    (DOCS / "reviews.md").write_text(reviews_page(), "utf-8")
    (DOCS / "tickets.md").write_text(tickets_page(), "utf-8")
    (DOCS / "why.md").write_text(why_page(), "utf-8")
    (DOCS / "wiring.md").write_text(wiring_page(), "utf-8")


if __name__ == "__main__":
    main()
