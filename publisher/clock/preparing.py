"""T - 10 min, at the latest T - 60 s: files checked and uploaded, so that one small call is left for the second.

The call needs no database, so a thread of the clock makes it as well as a task; the rest are short writes.
"""

import hashlib
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from publisher import states
from publisher.backoff import pause_s
from publisher.clock.calls import Errand, errand_of, files_of, first_starts, loaded
from publisher.clock.judging import channel_problem
from publisher.clock.results import code_of
from publisher.contract.content import Content
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.models import Channel, Publication
from publisher.renewing import heed, renew_for
from publisher.seals import seal_of
from publisher.signals import publication_troubled, tell
from publisher.states import move

log = logging.getLogger(__name__)

PIECE = 1 << 20
AGAIN = timedelta(minutes=2)
LAST_CALL = timedelta(seconds=10)
OPEN = ("waiting", "claimed")
FAILED: Mapping[str, Any] = {"prepare_next_at": None, "news": states.FAILED}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What preparing brought: the adapter's answer or its error."""

    publication_id: int
    seal: str
    channel_id: int
    answer: Mapping[str, Any] | None = None
    error: AdapterError | None = None


@dataclass(frozen=True, slots=True)
class Errands:
    """A row's errand with the seal under which it was made."""

    errand: Errand
    seal: str
    channel_id: int


def open_errands(publication_ids: Collection[int]) -> list[Errands | Prepared]:
    """Load rows that still have to be prepared; what can be seen from a row alone is an answer already."""
    rows = loaded(Publication.objects.filter(pk__in=list(publication_ids), state__in=OPEN))
    starts = first_starts(row.pk for row in rows)
    return [_open_errand(row, started_at=starts.get(row.pk)) for row in rows]


def _open_errand(row: Publication, *, started_at: datetime | None) -> Errands | Prepared:
    code = "seal_broken" if row.seal != seal_of(row, files_of(row)) else channel_problem(row)
    error: AdapterError | None = None
    if code:
        error = SignIn(code) if code == "channel_lost" else Rejected(code)
    else:
        try:
            return Errands(errand_of(row, started_at=started_at), row.seal, row.channel_id)
        except SignIn as raised:
            error = raised
    return Prepared(row.pk, row.seal, row.channel_id, error=error)


def prepare(wanted: Errands) -> Prepared:
    """Check every file's bytes, and let the adapter do what is harmless. No database in here."""
    errand = wanted.errand
    answer: Mapping[str, Any] | None = None
    error: AdapterError | None = None
    try:
        check_files(errand.content)
        answer = errand.adapter.prepare(errand.call, errand.content, errand.ticket)
    except AdapterError as raised:
        error = raised
    except Exception as raised:  # preparing is harmless and repeated, so a mistake of ours must not end the thread
        log.exception("preparing broke", extra={"publication": errand.publication_id})
        error = Unavailable("internal_error", note=type(raised).__name__)
    return Prepared(errand.publication_id, wanted.seal, wanted.channel_id, answer=answer, error=error)


def check_files(content: Content) -> None:
    """Compare each file's bytes with what was approved. Raises Rejected for one that is gone or was changed."""
    for media in content.media:
        if not Path(media.path).is_file() or digest_of_file(Path(media.path)) != media.sha256:
            raise Rejected("file_gone")


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


@transaction.atomic
def store(prepared: Prepared) -> bool:
    """Write the outcome into the row, unless it was changed or has left meanwhile."""
    rows = Publication.objects.filter(pk=prepared.publication_id, seal=prepared.seal, state__in=OPEN)
    if prepared.error is not None:
        _store_problem(prepared, prepared.error)
        return False
    answer = dict(prepared.answer or {})
    warning = dict(answer.get("warning") or {})
    until = parse_datetime(str(answer["until"])) if answer.get("until") else None
    return bool(
        rows.update(
            prepared=answer,
            prepared_at=timezone.now(),
            prepared_until=until,
            prepare_next_at=until - AGAIN if until else None,
            problem_code=str(warning.get("code", ""))[:60],
            problem_values=dict(warning.get("values") or {}),
        )
    )


def _store_problem(prepared: Prepared, error: AdapterError) -> None:
    """Tell people before the hour. What can still change is tried again; what never will fails now."""
    row = Publication.objects.select_for_update().filter(pk=prepared.publication_id, seal=prepared.seal).first()
    if row is None:
        return
    code = code_of(error)
    problem = {"problem_code": code, "problem_values": dict(error.values)}
    mine = Publication.objects.filter(pk=row.pk, seal=prepared.seal)
    if error.code != "channel_lost":
        heed(Channel.objects.get(pk=prepared.channel_id), error)
    if is_final(error, left=row.due_at - timezone.now()):
        move(mine, to=states.FAILED, since=OPEN, error_class=class_of(error), next_at=None, **FAILED, **problem)
        return
    again = next_preparing(row, error, now=timezone.now())
    if mine.filter(state__in=OPEN).update(prepare_next_at=again, **problem) and row.problem_code != code:
        tell(publication_troubled, publication_id=row.pk, code=code)


def class_of(error: AdapterError) -> str:
    """Return the class under which people see a problem."""
    return "sign_in" if isinstance(error, SignIn) else "rejected"


def is_final(error: AdapterError, *, left: timedelta) -> bool:
    """Tell whether trying again can bring nothing: the content, its files or its seal stand against it.

    A lost sign-in may be renewed until shortly before the hour.
    """
    return isinstance(error, Rejected) or (isinstance(error, SignIn) and left < LAST_CALL)


def next_preparing(row: Publication, error: AdapterError, *, now: datetime) -> datetime:
    """Return when preparing is tried again: soon near the hour, else by the platform's wish."""
    retry_at = error.retry_at if isinstance(error, Unavailable) else None
    usual = now + timedelta(seconds=pause_s(1 if row.due_at - now < AGAIN else 4))
    return max(usual, retry_at) if retry_at is not None else usual


def preflight(publication_id: int) -> None:
    """Prepare one publication from beginning to end: what the task does."""
    renew_for(publication_id)
    for wanted in open_errands([publication_id]):
        store(prepare(wanted) if isinstance(wanted, Errands) else wanted)
