"""Seals: digests over exactly what will be sent, where and when."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from publisher.models import Attachment, Profile, Publication

File = tuple[str, str, str]
"""SHA-256 of the bytes, alternative text, focus."""


def digest_of(value: Any) -> str:
    """Return the SHA-256 over canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def parcel_digest(
    *, content: Mapping[str, Any], files: Sequence[File], profile: Profile, due_at: datetime, place: Sequence[Any] = ()
) -> str:
    """Return the seal of what would be sent: text and options, files in order, profile and hour.

    ``place`` is the kind, the part's number and, for an answer, what it answers.
    """
    return _seal(digest_of(content), files, (profile.platform, profile.server, profile.remote_id), due_at, place)


def seal_of(publication: Publication, attachments: Iterable[Attachment]) -> str:
    """Return the seal of a row as it stands **now**; what was approved is in ``publication.seal``."""
    files = [(item.file.sha256, item.alt, item.focus) for item in sorted(attachments, key=lambda item: item.position)]
    return parcel_digest(
        content=publication.content,
        files=files,
        profile=publication.profile,
        due_at=publication.due_at,
        place=place_of(publication),
    )


def place_of(publication: Publication) -> tuple[str, int, str]:
    """Return kind, part and what is answered; a follower's ``reply_to`` is only known once the first part is out."""
    answered = "" if publication.after_id else publication.reply_to
    return publication.kind, publication.part, answered


def _seal(
    content_digest: str, files: Sequence[File], profile: tuple[str, str, str], due_at: datetime, place: Sequence[Any]
) -> str:
    hour = due_at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest_of([content_digest, [list(file) for file in files], list(profile), hour, list(place)])
