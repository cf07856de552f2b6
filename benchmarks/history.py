"""Years of publications by SQL alone, so that costs can be measured on a full table; imported once Django knows its database."""

import uuid
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import Agency, Brand
from accounts.vault import seal
from benchmarks.rows import make_posts
from publisher.models import Attempt, Channel, Connection, Profile, Publication

SERVER = "https://social.invalid"
CHUNK = 100_000
YEARS_S = 5 * 365 * 86_400
AHEAD_S = 90 * 86_400
WAITING = 0.015
"""The part of the rows that still wait: three months of plans beside five years of history."""

POSTGRESQL = {
    "series": "generate_series({first}, {last}) AS s(n)",
    "uuid": "gen_random_uuid()",
    "shift": "now() + ({0}) * interval '1 second'",
    "wall": "(now() AT TIME ZONE 'UTC') + ({0}) * interval '1 second'",
}
SQLITE = {
    "series": "(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) SELECT n FROM s) AS s",
    "uuid": "lower(hex(randomblob(16)))",
    "shift": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', ({0}) || ' seconds')",
    "wall": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', ({0}) || ' seconds')",
}
STATE = (
    "CASE WHEN s.n > {old} THEN 'waiting' WHEN s.n %% 1000 < 970 THEN 'published'"
    " WHEN s.n %% 1000 < 988 THEN 'canceled' WHEN s.n %% 1000 < 995 THEN 'failed' ELSE 'missed' END"
)


def make_own_channels(*, count: int, brands: int) -> list[Channel]:
    """Make connected channels that nobody will call."""
    agency, _ = Agency.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    own = [Brand.objects.create(agency=agency, slug=f"b{n}", name=f"B{n}") for n in range(brands)]
    names = [f"c{n}" for n in range(count)]
    profiles = Profile.objects.bulk_create(
        [Profile(platform="mastodon", server=SERVER, remote_id=name, software="mastodon") for name in names]
    )
    sign_ins = []
    for name in names:
        one = Connection(
            agency=agency, platform="mastodon", server=SERVER, remote_user_id=name, state="connected", key=uuid.uuid4()
        )
        one.sealed_access = seal(f"{name}-token", bound_to=f"connection:{one.key}:access")
        sign_ins.append(one)
    sign_ins = Connection.objects.bulk_create(sign_ins)
    return Channel.objects.bulk_create(
        [
            Channel(brand=own[n % brands], profile=profiles[n], connection=sign_ins[n], name=name)
            for n, name in enumerate(names)
        ]
    )


def fill(channels: list[Channel], *, rows: int) -> None:
    """Bring the table to so many rows: old ones with their attempts, in order of time, and those that still wait."""
    words = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    make_posts(channels[:1], hours=[datetime.now(UTC) + timedelta(days=200)], label="pattern")
    pattern = Publication.objects.aggregate(last=Max("pk"))["last"]
    missing = rows - Publication.objects.count()
    tried = Attempt.objects.aggregate(last=Max("publication"))["last"] or 0
    old = missing - int(rows * WAITING)
    for first in range(1, missing + 1, CHUNK):
        last = min(missing, first + CHUNK - 1)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_publications(words, old=old, total=missing, first=first, last=last), [pattern])
    with connection.cursor() as cursor:
        cursor.execute(_attempts(), [tried])
    Publication.objects.filter(pk=pattern).delete()
    look_over()


def look_over(*, is_clean: bool = True) -> None:
    """Have the database count and clean its tables, as it does by itself sooner or later."""
    if connection.vendor == "sqlite":
        statements = ["ANALYZE"]
    else:
        how = "VACUUM (ANALYZE)" if is_clean else "ANALYZE"
        statements = [f"{how} {model._meta.db_table}" for model in (Publication, Attempt, Profile, Channel, Connection)]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _publications(words: dict[str, str], *, old: int, total: int, first: int, last: int) -> str:
    """Return the statement that copies the pattern row, with ids, hours and states of its own."""
    seconds = (
        f"CASE WHEN s.n <= {old} THEN -3600 - ({old} - s.n) * {YEARS_S / max(1, old):.6f}"
        f" ELSE 3600 + (s.n - {old}) * {AHEAD_S / max(1, total - old):.6f} END"
    )
    hour, state = words["shift"].format(seconds), STATE.format(old=old)
    published, waiting = f"({state}) = 'published'", f"s.n > {old}"
    own = {
        "origin_key": words["uuid"],
        "key": words["uuid"],
        "brand_id": "c.brand_id",
        "channel_id": "c.id",
        "profile_id": "c.profile_id",
        "state": state,
        "due_at": hour,
        "wall": words["wall"].format(seconds),
        "late_after": words["shift"].format(f"{seconds} + 900"),
        "state_at": f"CASE WHEN {waiting} THEN t.state_at ELSE {hour} END",
        "created_at": f"CASE WHEN {waiting} THEN t.created_at ELSE {hour} END",
        "next_at": f"CASE WHEN {waiting} THEN {hour} END",
        "prepare_next_at": f"CASE WHEN {waiting} THEN {words['shift'].format(f'{seconds} - 600')} END",
        "remote_id": f"CASE WHEN {published} THEN {words['uuid']}{_as_text()} ELSE '' END",
        "published_at": f"CASE WHEN {published} THEN {hour} END",
        "lag_ms": f"CASE WHEN {published} THEN 20 + s.n %% 80 END",
        "problem_code": "''",
    }
    columns = [str(field.column) for field in Publication._meta.local_fields if not field.primary_key]
    values = ", ".join(own.get(column, f"t.{column}") for column in columns)
    table, channel = Publication._meta.db_table, Channel._meta.db_table
    ids = f"(SELECT id, brand_id, profile_id, row_number() OVER (ORDER BY id) - 1 AS place FROM {channel}) c"  # noqa: S608  (our own names)
    series = words["series"].format(first=first, last=last)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {series}"  # noqa: S608  (our own names and numbers)
        f" JOIN {ids} ON c.place = s.n %% (SELECT count(*) FROM {channel}) JOIN {table} t ON t.id = %s"
        f" ORDER BY s.n"
    )


def _as_text() -> str:
    return "::text" if connection.vendor == "postgresql" else ""


def _attempts() -> str:
    """Return the statement that gives every row that left the attempt it had."""
    columns = (
        "publication_id number act fence owner started_at deadline_at finished_at outcome status"
        " request_sha256 provider_request_id note"
    )
    return (
        f"INSERT INTO {Attempt._meta.db_table} ({', '.join(columns.split())})"  # noqa: S608  (our own names)
        " SELECT id, 1, 'publish', 2, 'bench-00000000:1:1', due_at, late_after, due_at,"
        " CASE WHEN state = 'published' THEN 'receipt' ELSE 'rejected' END, 200, '', '', ''"
        f" FROM {Publication._meta.db_table} WHERE state IN ('published', 'failed') AND id > %s ORDER BY id"
    )
