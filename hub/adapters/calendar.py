"""Which days are worked in a country: from the `holidays` library, which comes with its own tables and asks no network.

For China it knows the State Council's yearly notices: days off, and the weekends that are worked for them (调休). A
year that has not been announced yet has the days that the law fixes and no shifted ones.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import holidays

from hub.core.schedule import HOLIDAY, RESTDAY, WORKDAY

_DAY = timedelta(days=1)

_WHOLE_BREAKS = frozenset({"CN"})
"""Countries that announce breaks from one date to another, the weekends in them included. Elsewhere the Saturday before
a holiday is a Saturday like any other."""


class Calendar:
    """The working days of `country`: a code ("CN"), one with a part of the country ("DE-BY"), or "" (Monday to Friday).

    Raises ValueError for a country that is not known.
    """

    def __init__(self, country: str):
        self._country = country
        if country:
            _days_of(country, 2000)  # any year: the country is refused now, not at the first day

    def kind(self, day: str) -> str:
        """ "workday", "restday" (an ordinary weekend) or "holiday"; `day` is YYYY-MM-DD."""
        when = date.fromisoformat(day)
        if not self._country:
            return WORKDAY if when.weekday() < 5 else RESTDAY
        if self._is_worked(when):
            return WORKDAY
        return HOLIDAY if self._is_holiday(when) else RESTDAY

    def _is_worked(self, when: date) -> bool:
        return _days_of(self._country, when.year).is_working_day(when)

    def _is_holiday(self, when: date) -> bool:
        """Whether `when`, which is not worked, is a holiday, or a weekend in a break that has one."""
        if when in _days_of(self._country, when.year):
            return True
        return self._country in _WHOLE_BREAKS and any(self._reaches_holiday(when, step) for step in (_DAY, -_DAY))

    def _reaches_holiday(self, when: date, step: timedelta) -> bool:
        while not self._is_worked(when):
            if when in _days_of(self._country, when.year):
                return True
            when += step
        return False


@cache
def _days_of(country: str, year: int) -> holidays.HolidayBase:
    """The library's days around `year`: a notice for January also moves days of the December before."""
    code, _, part = country.partition("-")
    years = range(year - 1, year + 2)
    try:
        return holidays.country_holidays(code, subdiv=part or None, years=years, expand=False)
    except NotImplementedError as error:
        raise ValueError(f"the calendar knows no country {country!r}; use a code such as CN, HK or DE-BY") from error
