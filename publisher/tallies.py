"""Counting outcomes, each once: the transaction that ticks off the news of an outcome counts it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F

from publisher.models import Publication, Tally
from publisher.models.tally import ENDLESS
from publisher.states import PUBLISHED

CLASSES_MS = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, ENDLESS)


def tick_off(heard: Mapping[int, str]) -> int:
    """Tick off news that were heard, given by id and state, and count them; return how many were still to be told.

    Of several clocks that told the same news one ticks it off. News that changed meanwhile is told anew.
    """
    if not heard:
        return 0
    with transaction.atomic():
        rows = Publication.objects.filter(pk__in=list(heard)).exclude(news="").order_by("pk")
        locked = rows.select_for_update(of=("self",)).values_list("pk", "news", "profile__platform", "lag_ms")
        told = [row for row in locked if heard[row[0]] == row[1]]
        Publication.objects.filter(pk__in=[pk for pk, *_ in told]).update(news="")
        count((platform, state, lag_ms) for _, state, platform, lag_ms in told)
    return len(told)


def count(outcomes: Iterable[tuple[str, str, int | None]]) -> None:
    """Add outcomes, given as platform, state and lag, to the totals."""
    found: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for platform, state, lag_ms in outcomes:
        lag = max(0, lag_ms or 0) if state == PUBLISHED else 0
        found[platform, state, class_of(lag) if state == PUBLISHED else 0].append(lag)
    for (platform, state, le_ms), lags in sorted(found.items()):  # in order, so that nobody waits in a circle
        row, _ = Tally.objects.get_or_create(platform=platform, outcome=state, le_ms=le_ms)
        Tally.objects.filter(pk=row.pk).update(count=F("count") + len(lags), lag_ms=F("lag_ms") + sum(lags))


def class_of(lag_ms: int) -> int:
    """Return the bound of the class that a lag falls into."""
    return next(bound for bound in CLASSES_MS if lag_ms <= bound)
