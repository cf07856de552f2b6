"""Days and hours as people write them into a plan, and the instant that they mean in a brand’s zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.wall import HourMissingError, HourTwiceError, instant

DATE = re.compile(
    r"(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})(?P<sign>[/.-])(?P<m2>\d{1,2})(?P=sign)(?P<y2>\d{4}|\d{2}))"
)
IN_WORDS = re.compile(r"(?:[^\W\d]+[.,]?\s+)?(?P<d>\d{1,2})°?[\s-]+(?P<m>[^\W\d]{3,})\.?(?:,?[\s-]+(?P<y>\d{4}|\d{2}))?")
MONTHS = ("gen|jan", "feb", "mar", "apr", "mag|may", "giu|jun", "lug|jul", "ago|aug", "set|sep", "ott|oct", "nov", "dic|dec")
NO_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}")
CENTURY = 2000
HOUR = re.compile(r"(?P<h>\d{1,2})[:.](?P<m>\d{2})(?::00)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?")


@dataclass(frozen=True, slots=True)
class Written:
    """An hour that exists and is meant."""

    wall: datetime
    fold: int
    due_at: datetime


class HourRefused(Exception):
    """A cell that names no such hour; ``column`` is date or time."""

    def __init__(self, column: str, code: str, **values: Any) -> None:
        super().__init__(code)
        self.column = column
        self.code = code
        self.values = values


def read_hour(day: str, hour: str, *, zone: str) -> Written:
    """Return the hour that two cells name: a day, ISO, dd/mm/yyyy or in words, and hh:mm, with an offset where it comes twice.

    Nothing is guessed: an offset that clocks in the zone do not show at that hour is refused.
    """
    wall = datetime.combine(_day(day), _time(hour))
    fold = _fold(wall, offset_of(hour), zone)
    try:
        due_at = instant(wall=wall, zone=zone, fold=fold)
    except HourMissingError:
        raise HourRefused("time", "hour_missing", zone=zone) from None
    except HourTwiceError:
        raise HourRefused("time", "hour_twice", examples=_examples(wall, zone)) from None
    return Written(wall, fold or 0, due_at)


def unreadable(day: str, hour: str) -> list[HourRefused]:
    """Return what is wrong with the two cells by themselves, both at once."""
    found = []
    for read, cell in ((_day, day), (_time, hour)):
        try:
            read(cell)
        except HourRefused as refused:
            found.append(refused)
    return found


def offset_of(hour: str) -> str:
    """Return the offset behind an hour, or nothing."""
    found = HOUR.fullmatch(hour)
    return (found["offset"] or "") if found else ""


def _day(text: str) -> date:
    found = DATE.fullmatch(text)
    if found is None:
        return _day_in_words(text)
    return _date(text, *(int(found[name] or found[f"{name}2"]) for name in ("y", "m", "d")))


def _day_in_words(text: str) -> date:
    """Return the day of *3 dicembre 2026* or *3-dic-26*, as spreadsheets write them. The year is never guessed."""
    found = IN_WORDS.fullmatch(text)
    word = found["m"].casefold() if found else ""
    month = next((number for number, begins in enumerate(MONTHS, 1) if word[:3] in begins.split("|")), 0)
    if NO_YEAR.fullmatch(text) or (found and month and not found["y"]):
        raise HourRefused("date", "date_without_year", given=text)
    if found is None or not month:
        raise HourRefused("date", "date_unknown", given=text)
    return _date(text, int(found["y"]), month, int(found["d"]))


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year + CENTURY if year < 100 else year, month, day)
    except ValueError:
        raise HourRefused("date", "date_unknown", given=text) from None


def _time(text: str) -> time:
    found = HOUR.fullmatch(text)
    if found is None or int(found["h"]) > 23 or int(found["m"]) > 59:
        raise HourRefused("time", "hour_unknown", given=text)
    return time(int(found["h"]), int(found["m"]))


def _fold(wall: datetime, offset: str, zone: str) -> int | None:
    """Return which of two hours an offset means."""
    if not offset:
        return None
    wanted = _delta(offset)
    for fold in (0, 1):
        if wall.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() == wanted:
            return fold
    raise HourRefused("time", "hour_offset", given=offset, examples=_examples(wall, zone))


def _delta(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    digits = text[1:].replace(":", "")
    found = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -found if text[0] == "-" else found


def _examples(wall: datetime, zone: str) -> str:
    """Return the hour as it would have to be written."""
    here = ZoneInfo(zone)
    both = [wall.replace(tzinfo=here, fold=fold) for fold in (0, 1)]
    real = [one for one in both if one.astimezone(UTC).astimezone(here).replace(tzinfo=None) == wall] or both
    return ", ".join(dict.fromkeys(one.isoformat(timespec="minutes")[11:] for one in real))
