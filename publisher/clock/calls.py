"""From a row to what an adapter gets: content, ticket, and a call whose secrets are open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Min, QuerySet

from publisher.channels import call_of
from publisher.contract.base import Adapter, Call
from publisher.contract.content import Content, Media, Ticket
from publisher.files import path_of
from publisher.models import Act, Attachment, Attempt, Profile, Publication
from publisher.platforms import adapter_of

RELATED = ("brand", "channel__connection", "profile", "after")
UNSEEN = (
    *("sealed_at", "sealed_by", "rule", "redate_within", "content_digest", "wall", "zone", "fold", "created_at"),
    *("state_at", "owner", "lease_until", "prepare_next_at", "problem_values", "error_class", "news"),
    *("remote_id", "remote_uri", "remote_extra", "url", "published_at", "lag_ms"),
    *("comment_count", "open_count", "last_comment_at"),
    *("brand__target_mix", "brand__late_tolerance", "brand__archived_at"),
    *("profile__limits_at", "profile__quota", "profile__url", "channel__created_at"),
    *("channel__connection__created_at", "channel__connection__scopes"),
)
"""Columns that neither judging nor sending looks at: reading them for hundreds of rows costs as much as the rest."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Everything a thread needs to speak to a platform about one publication, without the database."""

    publication_id: int
    fence: int
    adapter: Adapter
    call: Call
    content: Content
    ticket: Ticket

    def honours_key(self) -> bool:
        """Tell whether a repetition under the same key is harmless here."""
        return self.adapter.honours_key(self.call.target, self.content.kind)


def loaded(rows: QuerySet[Publication]) -> list[Publication]:
    """Return the rows in order of time with everything that judging and sending needs.

    They are read, and where that is asked locked, by id: everybody who locks several does so in the same order.
    """
    found = list(rows.select_related(*RELATED).prefetch_related("attachments__file").order_by("pk"))
    for row in found:
        row.channel.brand, row.channel.profile = row.brand, row.profile
    return sorted(found, key=lambda row: row.next_at or row.due_at)


def files_of(row: Publication) -> list[Attachment]:
    """Return the attachments in order, from what was prefetched."""
    return sorted(row.attachments.all(), key=lambda item: item.position)


def content_of(row: Publication) -> Content:
    """Return what the adapter gets: the sealed content, and what only the parts before it could tell."""
    extra: dict[str, Any] = dict(row.content.get("reply_extra", {}))
    root = str(extra.get("root", ""))
    if row.after is not None:
        extra, root = {**extra, **row.after.remote_extra}, _root_of(row.after)
    return Content(
        text=row.content["text"],
        kind=row.kind,
        media=tuple(_media_of(item) for item in files_of(row)),
        link=row.content.get("link", ""),
        language=row.content.get("language", ""),
        options=row.content.get("options", {}),
        reply_to=row.reply_to,
        reply_root=root or row.reply_to,
        reply_extra=extra,
    )


def _root_of(row: Publication) -> str:
    """Return the remote id of the first part of a chain."""
    while row.after is not None:
        row = row.after
    return row.remote_id


def _media_of(item: Attachment) -> Media:
    file = item.file
    return Media(
        key=str(file.pk),
        path=str(path_of(file)),
        mime=file.mime,
        bytes=file.bytes,
        width=file.width,
        height=file.height,
        sha256=file.sha256,
        alt=item.alt,
        focus=item.focus,
        duration_ms=file.duration_ms,
    )


def ticket_of(row: Publication, *, started_at: datetime | None) -> Ticket:
    """Return what was fixed before the first try."""
    return Ticket(key=str(row.key), rkey=row.rkey, record_created_at=row.record_created_at, started_at=started_at)


def errand_of(row: Publication, *, started_at: datetime | None) -> Errand:
    """Return the errand. Raises SignIn when the vault cannot open the secrets."""
    return Errand(
        publication_id=row.pk,
        fence=row.fence,
        adapter=adapter_of(row.profile.platform),
        call=call_of(row.channel),
        content=content_of(row),
        ticket=ticket_of(row, started_at=started_at),
    )


def first_starts(publication_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when the first try of each publication left, for those that were tried."""
    tries = (
        Attempt.objects.filter(publication__in=list(publication_ids)).exclude(act=Act.FIND).exclude(outcome="not_sent")
    )
    return dict(tries.values_list("publication").annotate(first=Min("started_at")))


def host_of(profile: Profile) -> str:
    """Return the name under which a profile's server has its breaker."""
    return urlsplit(profile.server).hostname or profile.server or profile.platform
