"""The intent log in bulk: tries written before they leave and closed when they come back, hundreds in one second."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from publisher.bulk import insert_each, update_each
from publisher.models import Act, Attempt, Publication


@dataclass(frozen=True, slots=True)
class Opened:
    """A try as it was written down."""

    publication_id: int
    number: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """How a try ended."""

    publication_id: int
    number: int
    outcome: str
    status: int | None
    provider_request_id: str
    request_sha256: str = ""


def open_attempts(
    rows: Sequence[tuple[Publication, datetime]], *, owner: str, deadline_at: datetime
) -> dict[int, Opened]:
    """Write an open try for each row, given with the moment it will leave."""
    pks = [row.pk for row, _ in rows]
    last = Attempt.objects.filter(publication__in=pks).values_list("publication").annotate(last=Max("number"))
    numbers = dict(last)
    opened = {row.pk: Opened(row.pk, numbers.get(row.pk, 0) + 1, at) for row, at in rows}
    insert_each(
        Attempt,
        [
            {
                "publication": row.pk,
                "number": opened[row.pk].number,
                "act": Act.PUBLISH.value,
                "fence": row.fence,
                "owner": owner,
                "started_at": at,
                "deadline_at": deadline_at,
                "outcome": "",
                "request_sha256": "",
                "provider_request_id": "",
                "note": "",
            }
            for row, at in rows
        ],
    )
    return opened


def close_attempts(closed: Iterable[Closed], *, at: datetime) -> None:
    """Close tries that are still open."""
    rows = [
        {
            "publication": one.publication_id,
            "number": one.number,
            "outcome": one.outcome,
            "status": one.status,
            "provider_request_id": one.provider_request_id,
            "request_sha256": one.request_sha256,
        }
        for one in closed
    ]
    update_each(Attempt, rows, by=("publication", "number"), same={"finished_at": at}, where={"finished_at": [None]})
