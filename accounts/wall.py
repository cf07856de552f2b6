"""Wall-clock hours: what a person typed, kept as typed, and the instant that it means in a zone."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    NaiveField = models.Field[datetime | None, Any]  # whether it may be empty is said by each column
else:
    NaiveField = models.Field  # only the stubs know the field's type parameters


class HourMissingError(ValueError):
    """The hour is skipped on that day (clocks go forward)."""

    def __init__(self, *, wall: datetime, zone: str) -> None:
        super().__init__(f"{wall:%Y-%m-%d %H:%M} does not exist in {zone}")
        self.wall = wall
        self.zone = zone


class HourTwiceError(ValueError):
    """The hour comes twice on that day (clocks go back) and nobody said which one is meant."""

    def __init__(self, *, wall: datetime, zone: str) -> None:
        super().__init__(f"{wall:%Y-%m-%d %H:%M} exists twice in {zone}")
        self.wall = wall
        self.zone = zone


def exists(*, wall: datetime, zone: str) -> bool:
    """Tell whether clocks in ``zone`` ever show ``wall``. Only the round trip shows it: zoneinfo never complains."""
    there = wall.replace(tzinfo=ZoneInfo(zone))
    try:
        return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wall.replace(fold=0)
    except OverflowError:  # at the first and the last hour that can be written
        return False


def is_twice(*, wall: datetime, zone: str) -> bool:
    """Tell whether clocks in ``zone`` show ``wall`` twice."""
    first = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    return exists(wall=wall, zone=zone) and first.utcoffset() != first.replace(fold=1).utcoffset()


def instant(*, wall: datetime, zone: str, fold: int | None = None) -> datetime:
    """Return the UTC instant of a naive wall-clock hour.

    ``fold`` 0 is the first and 1 the second of an hour that exists twice; None means that nobody said.
    Raises HourMissingError and HourTwiceError: people are asked, never guessed for.
    """
    if not exists(wall=wall, zone=zone):
        raise HourMissingError(wall=wall, zone=zone)
    if fold is None and is_twice(wall=wall, zone=zone):
        raise HourTwiceError(wall=wall, zone=zone)
    return wall.replace(tzinfo=ZoneInfo(zone), fold=fold or 0).astimezone(UTC)


def wall_of(*, at: datetime, zone: str) -> datetime:
    """Return the naive hour that clocks in ``zone`` show at an aware instant (its fold is kept)."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


class WallField(NaiveField):
    """A naive local hour: a timestamp without zone on PostgreSQL, ISO text on SQLite; it sorts as time does."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Name the column type."""
        return "timestamp" if connection.vendor == "postgresql" else "varchar(19)"

    def get_prep_value(self, value: Any) -> Any:
        """Refuse an aware hour: a zone would be lost silently."""
        value = super().get_prep_value(value)
        if value is None or isinstance(value, str):
            return value
        if value.tzinfo is not None:
            raise ValueError("a wall-clock hour has no zone of its own")
        return value.replace(fold=0, microsecond=0)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002  (Django's signature)
        """Return what the driver stores."""
        value = value if prepared else self.get_prep_value(value)
        if isinstance(value, datetime) and connection.vendor != "postgresql":
            return value.isoformat(sep=" ")
        return value

    def from_db_value(self, value: Any, _expression: Any, _connection: BaseDatabaseWrapper) -> datetime | None:
        """Return the naive hour."""
        return self.to_python(value)

    def to_python(self, value: Any) -> datetime | None:
        """Return the naive hour from text or as it is."""
        if value is None or isinstance(value, datetime):
            return value
        return datetime.fromisoformat(str(value))

    def value_to_string(self, obj: models.Model) -> str:
        """Return ISO text for dumps."""
        value = self.value_from_object(obj)
        return "" if value is None else value.isoformat(sep=" ")
