"""docs/ratings.md: how a rating is counted, with the numbers that the program itself uses."""

# ruff: noqa: E501

from __future__ import annotations

from collections import Counter

from hub.core import marking, marks, ratings
from hub.core.tallies import Scale, Tally, row, wilson
from hub.permissions import ROLES, ROUTES
from hub.reports.shown import percent
from hub.texts import say
from protocol.ratings import BAD, KEYS, LEVELS

_STANDING = {
    ratings.COUNTED: "the first word of the applicant about that stop and case",
    ratings.CORRECTION: "a second word within `correction_s` of the first; it counts in its place",
    ratings.REMARK: "a later one (追评): kept, shown, answered when bad, never counted",
    ratings.NO_VISIT: "a press while nobody was being served: kept apart, and in no figure",
}

_CHANNEL = {
    ratings.PAD: "a key of the rating pad at the window",
    ratings.KIOSK: "the visit's link, opened at a kiosk",
    ratings.PHONE: "the same link, on the applicant's own phone",
    ratings.STAFF: "somebody of the hall enters what an applicant said; it is named in `by`, and never about oneself",
}

_MINUTE_MS = 60_000
_CHANCE = f"once in {round(1 / marking.CHANCE):,}"

RULES = {
    "not-its-pad": "Presses came from a board that was not the rating pad of the window when they were made. One is enough.",
    "no-visit": f"{marking.NO_VISITS} and more presses on one pad within {marking.NO_VISIT_MS // _MINUTE_MS} minutes, while nobody was being served.",
    "overpressed": "A bad rating was corrected to the best level on the same pad.",
    "in-a-row": f"The pad was pressed for {marking.RUN} visits and more, each within {marking.RUSH_MS // 1000} s of the one before.",
    "rhythm": f"{marking.RHYTHM} and more presses came after the same time, but for {marking.RHYTHM_MS} ms, after the visit had ended; by the other pads that happens less than {_CHANCE}.",
    "same-level": f"So many visits in a row with the same level that, by its share on the other pads, it happens less than {_CHANCE} runs.",
    "burst": f"{marking.BURST} and more bad ratings on one pad within {marking.BURST_MS // _MINUTE_MS} minutes, which by the share of bad ones on the other pads happens less than {_CHANCE} times.",
    "unlike": f"Of {marking.UNLIKE} ratings and more so many are the best, or bad, or so many of those who were served pressed, that it would be so on less than one of {round(1 / marking.CHANCE):,} pads if people here were like those at the other pads.",
}

SEEN = {
    "GET /api/v1/ratings": "single ratings",
    "GET /api/v1/tables/{by}": "figures by anything, clerks too",
    "GET /api/v1/marks": "marks",
    "POST /api/v1/marks/{mark}/{verb}": "proposing and agreeing to an exclusion",
    "GET /api/v1/reviews": "bad ratings, with names and words",
    "GET /api/v1/my-reviews": "of one's own bad ratings what is needed for an appeal",
    "GET /api/v1/results": "the hall's results by month, and what was put right",
}


def _who(route: str) -> str:
    may = ROUTES[route]
    return "everybody" if may >= set(ROLES) else ", ".join(role for role in ROLES if role in may)


def _sample(good: int, rated: int) -> str:
    told = row(Tally(levels=Counter({5: good, 1: rated - good})))
    low, high = wilson(good, rated) or (None, None)
    small = "yes" if told["small"] else ""
    return f"| {good:,} of {rated:,} | {percent(told['satisfied'], 2)} | {percent(low, 2)} to {percent(high, 2)} | {small} |"


def ratings_page() -> str:
    """docs/ratings.md."""
    rules = ratings.RatingRules()
    levels = "\n".join(
        f"| {level} | {say(f'page.common.level-{level}', 'zh-Hans')} | {say(f'page.common.level-{level}', 'en')} | {rules.scores[str(level)]} | {'yes' if level in BAD else ''} |"
        for level in LEVELS
    )
    keys = "\n".join(f"| {count} | {', '.join(map(str, KEYS[count]))} |" for count in KEYS)
    standings = "\n".join(f"| `{name}` | {what} |" for name, what in _STANDING.items())
    channels = "\n".join(f"| `{name}` | {what} |" for name, what in _CHANNEL.items())
    found = "\n".join(
        f"| `{rule}` | {RULES[rule]} | {'no rating, only the pad' if rule in marking.OF_PADS else 'the ratings'} |"
        for rule in marking.RULES
    )
    decided = "\n".join(f"| {was} | {event.__name__} | {then} |" for (was, event), then in marks.TRANSITIONS.items())
    samples = "\n".join(_sample(*each) for each in ((5, 5), (29, 30), (196, 200), (1999, 2000), (9994, 10_000)))
    seen = "\n".join(f"| {what} | {_who(route)} |" for route, what in SEEN.items())
    return f"""# How a rating is counted

Made by `python -m tools.guides`, with the numbers that the program uses. Designed after the State Council opinion
国办发〔2019〕51号 and the practice of 一次一评 (each visit is rated once at the window) and 一事一评 (each case once).

| level | zh-Hans | en | points | bad |
|---|---|---|---|---|
{levels}

Points are those of a hall that says nothing; its own are `scores` in the [hall file](hall-file.md). The keys of a pad
stand, from left to right, for:

| keys | levels |
|---|---|
{keys}

## Of what, and how often

A rating is of one *stop* of a visit, where one clerk served at one window, and of one case there. A visit that was at two
windows is rated at both; two cases in one stop can be rated apart. It belongs to whoever served, also when that clerk has
signed out before the press. What the hub has on disk first is the first word.

| standing | what it is |
|---|---|
{standings}

`correction_s` is {rules.correction_s} s in a hall that says nothing. Where nobody knows when a second press was made, because the pad was
restarted, it is a remark. A visit can be rated for {rules.link_days} calendar days: a pad may be without network over a holiday week,
and what it delivers then counts for the day of the visit. A press that a pad has promised is never refused.

**Silence is silence.** Nobody is taken to be satisfied because they said nothing. The program makes no default rating, so
none is mixed with one that was given: `active_share` says how many of those who were served said something, and every
other figure of ratings is of these alone.

## How it comes

| channel | what it is |
|---|---|
{channels}

The link is `/r/TOKEN`. The token is the handle of the visit, enciphered with a secret that only the hub has: whoever has
it can rate and nothing else, and a guessed one names a visit that never was. It is not used up: a second word is a
correction or a remark like any other.

On the page reasons can be ticked that go with the level, at most {ratings.REASONS_MOST}, from a list with a version; and written: a text of
{ratings.TEXT_CHARS:,} characters, a name of {ratings.NAME_CHARS} and a contact of {ratings.CONTACT_CHARS}. More is refused with what was typed left in place. What people
write is kept apart from the log, and deleted after its time: [what is kept of people](privacy.md). Who left a contact and
did not rate is [invited](invitations.md). A bad rating [opens a case](reviews.md).

## Marks

When a day is over, rules look at its presses on pads, each measured against the hall's other pads on that day. A mark
accuses nobody: it names the rule, the window, the clerk who served most of these, and the evidence in figures.

| rule | what it finds | it marks |
|---|---|---|
{found}

Marked ratings count. They are left out when one person proposes it and says why, and another one agrees; neither may be
the clerk whom the mark is about. Nothing is deleted, and it can be taken back. A mark of a pad alone excludes nothing:
nobody can tell which of the many are false.

| mark | event | then |
|---|---|---|
{decided}

## Figures

| figure | what it is |
|---|---|
| `served` | stops at which somebody was served |
| `rated_stops`, `silent` | those of them with a rating that counts, and without |
| `active_share` | `rated_stops` of `served` |
| `levels` | how often each level was given |
| `satisfied` | the share of the levels {", ".join(str(level) for level in LEVELS if level not in BAD)} among ratings that count |
| `bad`, `bad_share` | the other two |
| `satisfied_range` | where the true share lies with 95 % confidence (Wilson): see below |
| `mean`, `score` | the mean level, and the mean of the points |
| `set_aside` | ratings that two people struck out or excluded; they are in none of the above |
| `rated_with_all`, `satisfied_with_all` | the same with these, so that both figures are shown |
| `small` | fewer than `small` ratings, {Scale().small} in a hall that says nothing: the share says little |

Shares and means are cut and never rounded up. What a share is worth depends on how many there are:

| satisfied | share | 95 % sure | small |
|---|---|---|---|
{samples}

**Clerks are ranked** only among those whose figure is not small, by the lower end of the interval, and never on a page
for everybody: [reports](reports.md). Everything else that is counted is in [figures](figures.md).

## Who sees what

| what | who |
|---|---|
{seen}

A clerk sees no rating: they must not know who pressed what.
"""
