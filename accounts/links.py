"""Guest links: how somebody without an account reads and decides. Opening one decides nothing."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from accounts import audit
from accounts.letters import post_letter
from accounts.models import Agency, Brand, GuestLink, OutgoingMail, Purpose, User
from accounts.signals import link_renewed

SECRET_BYTES = 32
SIGNER = Signer(salt="accounts.links")
RENEWALS_A_DAY = 3


class LinkCookieMissing(Exception):
    """The link was never opened in this browser, perhaps in another one: offer to send it again to the same person."""

    def __init__(self, public_id: uuid.UUID) -> None:
        super().__init__("this browser has no cookie for the link")
        self.public_id = public_id


class LinkClosed(Http404):
    """The link is revoked or its time is over."""


def digest_of(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_link(  # noqa: PLR0913  (one person, one purpose, two ends: they belong together)
    *,
    user: User,
    agency: Agency,
    brand: Brand | None,
    purpose: Purpose,
    decides_until: datetime | None,
    expires_at: datetime,
    renewed_from: GuestLink | None = None,
) -> tuple[GuestLink, str]:
    """Return a stored link and its secret, which is kept nowhere: it belongs into the letter."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    link = GuestLink.objects.create(
        user=user,
        agency=agency,
        brand=brand,
        purpose=purpose,
        token_sha256=digest_of(secret),
        decides_until=decides_until,
        expires_at=expires_at,
        renewed_from=renewed_from,
    )
    return link, secret


def find_link(secret: str) -> GuestLink | None:
    """Return the open link of a secret. Unknown, expired and revoked are the same: nothing."""
    link = GuestLink.objects.select_related("user", "agency", "brand").filter(token_sha256=digest_of(secret)).first()
    return link if link and is_open(link) else None


def is_open(link: GuestLink) -> bool:
    """Tell whether a link still reads and stops."""
    return link.revoked_at is None and timezone.now() < link.expires_at and link.user.is_active


def may_decide(link: GuestLink) -> bool:
    """Tell whether a link still approves, asks for changes and refuses."""
    if not is_open(link) or link.purpose != Purpose.APPROVE:
        return False
    return link.decides_until is not None and timezone.now() <= link.decides_until


def revoke(link: GuestLink, *, by: User | None) -> None:
    """Close a link now. Its cookie stops with it, for every page asks the row."""
    with transaction.atomic():
        if GuestLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
            audit.record("link.revoked", by=by, brand=link.brand, agency=link.agency, subject=link)
    link.refresh_from_db()


def revoke_all(links: QuerySet[GuestLink], *, by: User | None) -> int:
    """Close many links: those of a person, or of a brand. Returns how many were open."""
    still_open = list(links.filter(revoked_at=None).select_related("brand", "agency", "user"))
    for link in still_open:
        revoke(link, by=by)
    return len(still_open)


# --- the cookie of one link ---


def cookie_name(public_id: uuid.UUID) -> str:
    """Name the cookie that belongs to one link alone."""
    return f"{'__Host-' if settings.SECURE else ''}palinsesto_link_{public_id.hex}"


def hand_cookie(response: HttpResponse, link: GuestLink) -> None:
    """Let this browser in, for this link only. Lax, since Strict fails after the redirect from a mail."""
    response.set_cookie(
        cookie_name(link.public_id),
        SIGNER.sign(link.public_id.hex),
        expires=link.expires_at,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def link_of(request: HttpRequest, public_id: uuid.UUID) -> GuestLink:
    """Return the open link whose page is asked for.

    Raises LinkCookieMissing where this browser has no cookie of it (also for ids that do not exist, so that nobody
    learns which do) and LinkClosed where it is over. Both are answered by the middleware with a page.
    """
    try:
        known = SIGNER.unsign(request.COOKIES.get(cookie_name(public_id), ""))
    except BadSignature:
        raise LinkCookieMissing(public_id) from None
    if not secrets.compare_digest(known, public_id.hex):
        raise LinkCookieMissing(public_id)
    link = GuestLink.objects.select_related("user", "agency", "brand").filter(public_id=public_id).first()
    if link is None or not is_open(link):
        raise LinkClosed
    return link


# --- sending it again ---


def send_again(public_id: uuid.UUID) -> bool:
    """Mail a fresh link to the *same* person, at most three times a day. The old one stays as it is.

    The caller shows the same page whatever this returns.
    """
    with transaction.atomic():
        link = GuestLink.objects.select_for_update(of=("self",)).filter(public_id=public_id).first()
        if link is None or not is_open(link) or _is_renewed_enough(link):
            return False
        fresh, secret = make_link(
            user=link.user,
            agency=link.agency,
            brand=link.brand,
            purpose=Purpose(link.purpose),
            decides_until=link.decides_until,
            expires_at=link.expires_at,
            renewed_from=link,
        )
        link_renewed.send(sender=GuestLink, old_id=link.pk, new_id=fresh.pk)
        post_letter(
            kind="link_again",
            to=link.user,
            address=link.user.email,
            brand=link.brand,
            subject=fresh,
            parts={
                "agency": link.agency.name,
                "brand": link.brand.name if link.brand else "",
                "sender": link.agency.name,
                "reply_to": _answers_to(link),
            },
            secret=secret,
            dedupe_key=f"link-again:{fresh.pk}",
        )
        audit.record("link.sent_again", by=None, brand=link.brand, agency=link.agency, subject=fresh, link=link)
    return True


def _answers_to(link: GuestLink) -> str:
    """Return where an answer to this person’s last letter about the brand would go."""
    letters = OutgoingMail.objects.filter(user=link.user, brand=link.brand, parts__has_key="reply_to")
    last = letters.order_by("-pk").first()
    return str(last.parts["reply_to"]) if last else ""


def _is_renewed_enough(link: GuestLink) -> bool:
    """Count over the whole person: a row of links cannot multiply what one may send."""
    since = timezone.now() - timedelta(days=1)
    renewals = GuestLink.objects.filter(user=link.user, renewed_from__isnull=False, created_at__gt=since)
    return renewals.count() >= RENEWALS_A_DAY
