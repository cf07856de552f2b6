"""Who may go now: fair turns between brands and profiles, and shares of the threads. Pure decisions."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

ALONE = 0.875
SHARED = 0.25
FEW = 0.25


class Due(Protocol):
    """What is needed to know of something that is due."""

    @property
    def brand_id(self) -> int: ...
    @property
    def profile_id(self) -> int: ...
    @property
    def platform(self) -> str: ...
    @property
    def host(self) -> str: ...


Item = TypeVar("Item", bound=Due)


def in_turns(items: Iterable[Item], *, held: Mapping[int, int] | None = None) -> list[Item]:
    """Return the items, given in order of time, brand by brand in turns, and within a brand profile by profile.

    ``held`` counts what each brand has in hand already, so that it does not start again at its first turn.
    """
    by_brand: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        by_brand[item.brand_id].append(item)
    turns: list[tuple[int, int, Item]] = []
    place = 0
    for brand_id, own in by_brand.items():
        before = (held or {}).get(brand_id, 0)
        for number, item in enumerate(_ranked(own, key=lambda one: one.profile_id)):
            turns.append((before + number, place, item))
            place += 1
    return [item for _, _, item in sorted(turns, key=lambda turn: turn[:2])]


def _ranked(items: Sequence[Item], *, key: Callable[[Item], int]) -> list[Item]:
    """Return the first of each, then the second of each, and so on; stable."""
    seen: Counter[int] = Counter()
    ranked = []
    for place, item in enumerate(items):
        ranked.append((seen[key(item)], place, item))
        seen[key(item)] += 1
    return [item for _, _, item in sorted(ranked, key=lambda one: one[:2])]


def within(items: Iterable[Item], *, room: int, per_profile: int, held: Mapping[int, int]) -> list[Item]:
    """Return the first items that fit the room, with at most so many per profile; ``held`` counts by profile."""
    taken: Counter[int] = Counter(held)
    chosen: list[Item] = []
    for item in items:
        if len(chosen) >= room:
            break
        if taken[item.profile_id] < per_profile:
            taken[item.profile_id] += 1
            chosen.append(item)
    return chosen


def choose(
    items: Sequence[Item],
    *,
    threads: int,
    flying: Sequence[Due],
    trying: Collection[str] = (),
) -> list[Item]:
    """Return what may be armed now, best first.

    One in flight per profile; never more than there are free threads; a platform that others wait beside gets a quarter
    of the threads, and one alone seven eighths, so that a host that hangs never holds them all; a host whose
    breaker is being tried gets one call.
    """
    free = threads - len(flying)
    busy = {one.profile_id for one in flying}
    used = Counter(one.platform for one in flying)
    hosts = Counter(one.host for one in flying)
    platforms = {item.platform for item in items if item.profile_id not in busy}
    share = max(1, int(threads * (SHARED if len(platforms) > 1 else ALONE)))
    chosen: list[Item] = []
    for item in in_turns(items):
        if len(chosen) >= free:
            break
        is_barred = item.host in trying and hosts[item.host] > 0
        if item.profile_id in busy or used[item.platform] >= share or is_barred:
            continue
        chosen.append(item)
        busy.add(item.profile_id)
        used[item.platform] += 1
        hosts[item.host] += 1
    return chosen


def few_left(quota: Mapping[str, Any]) -> bool:
    """Tell whether a platform said that less than a quarter of what it allows is left, and until when."""
    left, limit = quota.get("left"), quota.get("limit")
    return isinstance(left, int) and isinstance(limit, int) and left < limit * FEW and bool(quota.get("reset_at"))
