"""The stops as threads see them: read often by one thread, asked by all just before a call."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from publisher.clock.hours import ticks
from publisher.models import Publication, Stop


class Reached(Protocol):
    """What a stop may reach."""

    @property
    def agency_id(self) -> int: ...
    @property
    def brand_id(self) -> int: ...
    @property
    def channel_id(self) -> int: ...
    @property
    def origin_key(self) -> uuid.UUID: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """A publication as stops see it."""

    agency_id: int
    brand_id: int
    channel_id: int
    origin_key: uuid.UUID


def reach_of(row: Publication) -> Reach:
    """Return what stops are compared with."""
    return Reach(row.brand.agency_id, row.brand_id, row.channel_id, row.origin_key)


@dataclass(frozen=True, slots=True)
class Stops:
    """All open stops at one moment."""

    everything: bool = False
    agencies: frozenset[int | None] = frozenset()
    brands: frozenset[int | None] = frozenset()
    channels: frozenset[int | None] = frozenset()
    origins: frozenset[uuid.UUID | None] = frozenset()

    def cover(self, one: Reached) -> bool:
        """Tell whether a stop reaches it."""
        return (
            self.everything
            or one.agency_id in self.agencies
            or one.brand_id in self.brands
            or one.channel_id in self.channels
            or one.origin_key in self.origins
        )


def stops_of(rows: Iterable[Stop]) -> Stops:
    """Return the stops as sets."""
    found = list(rows)
    return Stops(
        everything=any(row.scope == "all" for row in found),
        agencies=frozenset(row.agency_id for row in found if row.scope == "agency"),
        brands=frozenset(row.brand_id for row in found if row.scope == "brand"),
        channels=frozenset(row.channel_id for row in found if row.scope == "channel"),
        origins=frozenset(row.origin_key for row in found if row.scope == "post"),
    )


def open_stops() -> Stops:
    """Read the open stops from the database."""
    return stops_of(Stop.objects.filter(lifted_at=None))


@dataclass(slots=True)
class StopFlags:
    """The last reading, and how old it is."""

    stops: Stops = field(default_factory=Stops)
    read_at: float = float("-inf")

    def read(self) -> None:
        """Read anew."""
        before = ticks()
        self.stops = open_stops()
        self.read_at = before

    def age_s(self) -> float:
        """Return how old the reading is."""
        return ticks() - self.read_at
