"""The test mail: without a mail server letters go into a folder, and the demo shows them on a page."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

SHOWN = 100


class TrayBackend(BaseEmailBackend):
    """Lays each letter into the folder as a file of its own."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the letters; returns how many."""
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
            half = folder / f"{name}.part"
            half.write_bytes(message.message().as_bytes())
            half.rename(folder / f"{name}.eml")  # whoever reads the folder meets whole letters only
        return len(email_messages)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as the page shows it."""

    name: str
    subject: str
    to: str
    at: datetime
    text: str


def newest() -> list[Letter]:
    """Return the newest letters first."""
    files = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN]
    return [_read(file) for file in files]


def letter_named(name: str) -> Letter | None:
    """Return one letter. The name is looked up among those that are there, never joined to a path."""
    return next((_read(file) for file in _folder().glob("*.eml") if file.stem == name), None)


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _read(file: Path) -> Letter:
    parsed = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = parsed.get_body(("plain",))
    sent_at = parsedate_to_datetime(str(parsed["Date"]))
    return Letter(
        name=file.stem,
        subject=str(parsed["Subject"] or ""),
        to=str(parsed["To"] or ""),
        at=sent_at
        if sent_at.tzinfo
        else sent_at.replace(tzinfo=UTC),  # "-0000" means UTC, and is read as no zone at all
        text=str(body.get_content()) if body else "",
    )
