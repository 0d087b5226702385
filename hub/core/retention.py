"""How long what is kept, and why: one table, for the hall file, the job that deletes, the scan and docs/privacy.md.

A kind with `days` has a key in the hall file's [retention]; the others are as they are told here, for every hall.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days that a hall may choose, from `least` to `most`. `because`: what is wrong beyond these."""

    default: int
    least: int
    most: int
    because: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data, told to an admin: `what` it is, `where` it lies, `why` it is kept, `until` when, and `how` it
    goes. `days`: what the hall file may say."""

    id: str
    what: str
    where: str
    why: str
    until: str
    how: str
    days: Days | None = None


COMMANDS = "commands"
QUARANTINE = "quarantine"
OUTBOX = "outbox"
TEXTS = "texts"
PEOPLE = "people"
SESSIONS = "sessions"
HOLDERS = "holders"
DEVICES = "devices"
"""Kinds that the job deletes."""

KINDS = (
    Kind(
        COMMANDS,
        "What became of each press and request (id, positions in the log, the handle of the visit)",
        "`hall.db`, table `commands`",
        "A press or request that is sent again is answered as the first time and happens once",
        "{days} days",
        "Deleted by the job. A rating that is sent again later is still known by its device and number",
        Days(30, 11, 400, "a pad may be without network for ten days; a year and a month is more than any retry needs"),
    ),
    Kind(
        QUARANTINE,
        "Messages of boards that could not be read, as they came, up to 4 KB each and 1,000 of them",
        "`hall.db`, table `quarantine`",
        "To see what a board does wrong",
        "{days} days",
        "Deleted by the job; the oldest before that, when there are too many",
        Days(30, 1, 400, "nobody knows what is in them, so they are not to be kept for years"),
    ),
    Kind(
        OUTBOX,
        "Whom an alarm was told (id of the contact, not the address), which visit was invited to rate, and what the "
        "other side answered",
        "`hall.db`, table `outbox`",
        "Who was told what is asked for weeks later",
        "{days} days after it was told or given up",
        "Deleted by the job",
        Days(90, 7, 400, "a week is what it takes until somebody asks; later figures come from the alarms themselves"),
    ),
    Kind(
        TEXTS,
        "What people wrote with a rating, and what staff wrote while they looked into a bad one",
        "`hall.db`, table `words`, and what is on its way to the province in `exchange`",
        "To answer who was not content, and to prove later what was answered",
        "{days} days",
        "Deleted by the job; level, reasons and what was done stay in the log",
        Days(730, 90, 3650, "an answer takes three months; after ten years no office keeps such files"),
    ),
    Kind(
        PEOPLE,
        "Name and contact that somebody left, to be answered or asked how it was",
        "`hall.db`, table `words`; a contact goes once to the hall's SMS gateway or mail server, if it has one, when "
        "its holder is invited to rate",
        "To speak to them",
        "{days} days",
        "Overwritten with nothing by the job; that somebody had given a name stays",
        Days(180, 90, 730, "an answer with its visit takes up to three months; nobody is called back after two years"),
    ),
    Kind(
        SESSIONS,
        "Logins of staff: hash of the cookie, name, role, last use",
        "`hall.db`, table `tokens`",
        "So that who logged in stays in",
        "12 hours for staff, 400 days for a kiosk or board, or until logged out",
        "Deleted by the job and at each login. Keys of machines stay until an admin deletes them",
    ),
    Kind(
        HOLDERS,
        "A hash of the ID number that somebody booked with; the number itself is never stored",
        "In the booking in the log, in snapshots and backups; its key in the folder `day-keys`",
        "The same person does not book the same thing twice on a day",
        "The key of a booked day until the day after",
        "The job deletes the key of that day. What stays in log and backups is then a random text that nobody can "
        "compare with anything, the hall neither",
    ),
    Kind(
        DEVICES,
        "What boards last said of themselves (version, address in the network, errors)",
        "The hub's memory; retained by the broker, folder `broker`",
        "The page of devices",
        "Until the board says something else, or is revoked",
        "The job clears what the broker retains of revoked boards",
    ),
    Kind(
        "visits",
        "Visits by number, with times, window, service, rating, the case number of another system, and random handles",
        "`hall.db`: `log`, and `tickets`, `calls`, `ratings`, `reviews`, `visit_periods`, made from it; snapshots",
        "Figures, and why somebody was called; the log is one chain, and a row that is missing would be a forgery",
        "As long as the hall's data folder",
        "Not deleted. There is no name, phone or ID number in it: texts that look like one are refused when typed in. "
        "A handle opens nothing after its day",
    ),
    Kind(
        "bookings",
        "Appointments: day, time, service, people, code",
        "`hall.db`: `log`, and `bookings`, which is made from it",
        "Quotas, and figures of who came",
        "As long as the hall's data folder; its code opens nothing after its day",
        "Not deleted. Who it was cannot be told any more after the day (see above)",
    ),
    Kind(
        "staff",
        "Which clerk (by the name of the login) sat where, called and served whom, when",
        "`hall.db`: `log`, and `tickets`, `calls`, `ratings`, `clerk_periods`, `alarms`, which are made from it",
        "Figures per clerk, and why somebody was called",
        "As long as the hall's data folder",
        "Not deleted and not made coarser with time. Choose login names that are no person's full name, and the log "
        "does not say who it was once the user is deleted",
    ),
    Kind(
        "users",
        "Users: login, name that is shown, role, argon2id hash of the password",
        "`hall.db`, table `users`",
        "Logging in",
        "Until an admin deletes the user",
        "Deleted at once; what was done under the login stays in log and audit",
    ),
    Kind(
        "audit",
        "What admins and staff changed: who, from which address of the network, what it was before and is after, the "
        "name that is shown of a user too; wrong passwords, with the name only if there is such a user",
        "`hall.db`, table `deeds`",
        "To answer later who did it; the audit is one chain that nobody can shorten unseen",
        "As long as the hall's data folder, so for a year at the least",
        "Not deleted",
    ),
    Kind(
        "contacts",
        "Who is told of alarms: name, e-mail address, web address",
        "The hall file with which the hub was started, and backups, which have it; not in the log and its versions",
        "Telling them",
        "As long as they are in the file",
        "By editing the file; the hub reads it anew",
    ),
    Kind(
        "broker",
        "States of windows and boards: numbers, no people",
        "The broker, folder `broker`",
        "A display that starts shows at once what is called",
        "Until the next state",
        "Overwritten",
    ),
    Kind(
        "presses",
        "Ratings that a pad has not yet delivered: window, handle of the visit, level",
        "The pad's flash",
        "No press is lost",
        "Until the hub has it on disk",
        "The pad deletes it; erase the flash of a pad that is given away",
    ),
    Kind(
        "hublog",
        "The hub's own messages",
        "Where the hub's standard error goes, such as the journal of systemd",
        "Finding faults",
        "As that place is set up; 30 days are enough",
        "By that place. Passwords and what boards send are not written there; of people the login, when its password "
        "was wrong, and the contact's id, when an alarm could not be told",
    ),
    Kind(
        "backups",
        "Copies of database, hall file and secrets, without the folder `day-keys`",
        "Where they are made; encrypt them",
        "A disk breaks",
        "All of two days, one a day for a month, one a month for a year",
        "By that rule: what was deleted in the hall is still in an older copy until that goes, up to a year later",
    ),
    Kind(
        "exports",
        "Figures and reports: those that somebody saved, and those that the hub makes each night, without clerks",
        "Where they were saved; the folder `reports` of the data folder, or that of `--reports`",
        "Reports",
        "For whoever keeps them to decide",
        "By them; `jiaohao privacy scan --exports` looks at them",
    ),
)
"""All of it, in the order of the page."""

BY_ID = {kind.id: kind for kind in KINDS}


def _days(kind: str) -> Days:
    days = BY_ID[kind].days
    assert days is not None  # so in the table above
    return days


CHOSEN = {kind.id: kind.days for kind in KINDS if kind.days}
"""Kind -> what the hall file may choose."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What a hall chose, in days."""

    commands_days: int = _days(COMMANDS).default
    quarantine_days: int = _days(QUARANTINE).default
    outbox_days: int = _days(OUTBOX).default
    texts_days: int = _days(TEXTS).default
    people_days: int = _days(PEOPLE).default

    def days(self, kind: str) -> int:
        """For a kind of CHOSEN."""
        return getattr(self, f"{kind}_days")


def due(chosen: Retention, now_ms: int) -> dict[str, int]:
    """Kind -> the moment up to which its rows are due to be deleted at `now_ms`, in ms since 1970."""
    return {kind: now_ms - chosen.days(kind) * DAY_MS for kind in CHOSEN} | {SESSIONS: now_ms}
