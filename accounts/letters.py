"""Letters: the row is written with the act, sending follows and is repeated until it is done."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Model, Q, QuerySet
from django.template import Context, Engine, TemplateDoesNotExist
from django.urls import reverse
from django.utils import timezone, translation
from django_q.tasks import async_task

from accounts import vault
from accounts.models import Brand, MailState, OutgoingMail, User

FORGOTTEN_AFTER = timedelta(seconds=60)
LEASE = timedelta(minutes=10)
MOST_TRIES = 8
MOST_A_DAY = 200  # to one address; a month sent in many packs stays far below

# How a secret becomes an address. What is not named here is a guest link.
ADDRESSES: dict[str, Callable[[str], str]] = {
    "invitation": lambda secret: reverse("accept_invitation", args=[secret]),
    "password_reset": lambda secret: reverse("account_reset_password_from_key", args=secret.split("-", 1)),
    "confirm_address": lambda secret: reverse("account_confirm_email", args=[secret]),
}


def post_letter(  # noqa: PLR0913  (a letter: to whom, about what, with which enclosures)
    *,
    kind: str,
    to: User | None,
    address: str,
    brand: Brand | None,
    subject: Model | None,
    parts: dict[str, Any],
    secret: str = "",
    dedupe_key: str,
) -> OutgoingMail:
    """Write a letter and let it leave once the transaction stands. The same ``dedupe_key`` writes one letter."""
    letter, is_new = OutgoingMail.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "user": to,
            "address": address,
            "brand": brand,
            "kind": kind,
            "language": _language(to, brand),
            "subject_kind": subject._meta.model_name or "" if subject else "",
            "subject_id": subject.pk if subject else None,
            "parts": parts,
            "sealed": vault.seal(secret, bound_to=_place(dedupe_key)) if secret else "",
            "next_at": timezone.now() + FORGOTTEN_AFTER,
        },
    )
    if is_new:
        # robust: should the queue not answer, the act stands all the same and the sweep finds the letter
        transaction.on_commit(lambda: async_task("accounts.tasks.send_letter", letter.pk), robust=True)
    return letter


def send(letter_id: int) -> bool:
    """Send one letter if nobody else is at it; returns whether it left now."""
    letter = claim(letter_id)
    if letter is None:
        return False
    try:
        message = write(letter)
        message.send()
    except Exception:  # whatever it is, it is written on the row before it goes on
        _note_failure(letter)
        raise
    OutgoingMail.objects.filter(pk=letter.pk).update(
        state=MailState.SENT,
        sent_at=timezone.now(),
        sealed="",
        next_at=None,
        message_id=message.extra_headers["Message-ID"],
    )
    return True


def claim(letter_id: int) -> OutgoingMail | None:
    """Return the letter if it waits, is due or was never tried, and nobody else takes it first."""
    now = timezone.now()
    letter = _due(now).filter(pk=letter_id).select_related("user", "brand").first()
    if letter is None:
        return None
    if _had_enough(letter.address, now):
        OutgoingMail.objects.filter(pk=letter.pk).update(next_at=now + timedelta(hours=1))
        return None
    mine = OutgoingMail.objects.filter(pk=letter.pk, state=MailState.WAITING, tries=letter.tries)
    return letter if mine.update(tries=F("tries") + 1, next_at=now + LEASE) else None


def forgotten() -> list[int]:
    """Return the letters whose task was lost, or whose next try has come."""
    now = timezone.now()
    waiting = OutgoingMail.objects.filter(state=MailState.WAITING, next_at__lte=now)
    return list(waiting.order_by("next_at").values_list("pk", flat=True)[:500])


def write(letter: OutgoingMail) -> EmailMultiAlternatives:
    """Return the message in its reader’s language and hours."""
    zone = letter.user.zone if letter.user else (letter.brand.zone if letter.brand else "Europe/Rome")
    with translation.override(letter.language), timezone.override(ZoneInfo(zone)):
        values = _values(letter)
        message = EmailMultiAlternatives(
            subject=" ".join(_render(f"{letter.kind}.subject.txt", values).split()),
            body=_render(f"{letter.kind}.txt", values),
            from_email=_sender(letter),
            reply_to=[letter.parts["reply_to"]] if letter.parts.get("reply_to") else None,
            to=[formataddr((" ".join(letter.user.name.split()), letter.address)) if letter.user else letter.address],
            headers={"Message-ID": _message_id(letter), "Auto-Submitted": "auto-generated"},
        )
        with suppress(TemplateDoesNotExist):  # a letter may be plain text alone
            message.attach_alternative(_render(f"{letter.kind}.html", values), "text/html")
    return message


def _due(now: datetime) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(Q(tries=0) | Q(next_at__lte=now), state=MailState.WAITING)


def _had_enough(address: str, now: datetime) -> bool:
    today = OutgoingMail.objects.filter(address=address, state=MailState.SENT, sent_at__gt=now - timedelta(days=1))
    return today.count() >= MOST_A_DAY


def _note_failure(letter: OutgoingMail) -> None:
    tries = letter.tries + 1
    state = MailState.FAILED if tries >= MOST_TRIES else MailState.WAITING
    later = timezone.now() + timedelta(minutes=min(2**tries, 240))
    OutgoingMail.objects.filter(pk=letter.pk).update(state=state, next_at=later)


def _values(letter: OutgoingMail) -> dict[str, Any]:
    """Return what a template may use: the parts, and for everybody who, whose and where to."""
    values: dict[str, Any] = {
        **letter.parts,
        "to": letter.user,
        "brand_row": letter.brand,
        "public_url": settings.PUBLIC_URL,
        "LANGUAGE_CODE": letter.language,
    }
    if letter.sealed:
        secret = vault.open_sealed(letter.sealed, bound_to=_place(letter.dedupe_key))
        values["link"] = settings.PUBLIC_URL + ADDRESSES.get(letter.kind, _guest_address)(secret)
    return values


def _render(name: str, values: dict[str, Any]) -> str:
    """Return a filled template; plain text is not escaped, for it is no markup."""
    template = Engine.get_default().get_template(f"mail/{name}")
    return template.render(Context(values, autoescape=name.endswith(".html"))).strip() + "\n"


def _sender(letter: OutgoingMail) -> str:
    """Return who writes: to a client the agency, which they know, from the one address that may send."""
    name = " ".join(str(letter.parts.get("sender", "")).split())
    return formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])) if name else settings.DEFAULT_FROM_EMAIL


def _guest_address(secret: str) -> str:
    return reverse("open_link", args=[secret])


def _language(to: User | None, brand: Brand | None) -> str:
    if to:
        return to.language
    return brand.language if brand else settings.LANGUAGE_CODE


def _message_id(letter: OutgoingMail) -> str:
    """Return an id that is the same at every try, so that a reader’s program sees one letter."""
    host = urlsplit(settings.PUBLIC_URL).hostname or parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{letter.pk}:{letter.dedupe_key}')}@{host}>"


def _place(dedupe_key: str) -> str:
    return f"outgoingmail:{dedupe_key}:secret"
