"""The intent log in bulk: tries written before they leave and closed when they come back, hundreds in one second."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max

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


def open_attempts(
    rows: Sequence[tuple[Publication, datetime]], *, owner: str, deadline_at: datetime
) -> dict[int, Opened]:
    """Write an open try for each row, given with the moment it will leave."""
    pks = [row.pk for row, _ in rows]
    last = Attempt.objects.filter(publication__in=pks).values_list("publication").annotate(last=Max("number"))
    numbers = dict(last)
    opened = {row.pk: Opened(row.pk, numbers.get(row.pk, 0) + 1, at) for row, at in rows}
    columns = (
        "publication_id number act fence owner started_at deadline_at outcome request_sha256 provider_request_id note"
    )
    stored = connection.ops.adapt_datetimefield_value
    until = stored(deadline_at)
    values = [
        [row.pk, opened[row.pk].number, Act.PUBLISH.value, row.fence, owner, stored(at), until, "", "", "", ""]
        for row, at in rows
    ]
    holes = ", ".join(["%s"] * len(values[0]))
    sql = f"INSERT INTO {table()} ({', '.join(columns.split())}) VALUES ({holes})"  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
    return opened


def close_attempts(closed: Iterable[Closed], *, at: datetime) -> None:
    """Close tries that are still open."""
    sql = (
        f"UPDATE {table()} SET finished_at = %s, outcome = %s, status = %s, provider_request_id = %s"  # noqa: S608  (our own name)
        " WHERE publication_id = %s AND number = %s AND finished_at IS NULL"
    )
    stored = connection.ops.adapt_datetimefield_value(at)
    rows = [
        [stored, one.outcome, one.status, one.provider_request_id, one.publication_id, one.number] for one in closed
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def table() -> str:
    """Return the quoted name of the log."""
    return connection.ops.quote_name(Attempt._meta.db_table)
