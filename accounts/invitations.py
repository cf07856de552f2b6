"""Invitations: a letter that makes its reader a member, for seven days, once."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.letters import post_letter
from accounts.links import SECRET_BYTES, digest_of
from accounts.models import Brand, Invitation, MailState, OutgoingMail, Role, User
from accounts.people import BY_LINK, PeopleError, grants_of, join
from accounts.sign_in import make_verified

VALID_FOR = timedelta(days=7)


def invite(*, email: str, role: Role, brand: Brand, whole_agency: bool, by: User) -> Invitation:
    """Invite somebody into a brand, or into its whole agency. An older open invitation to the same place ends."""
    grants = grants_of(by, brand)
    if role in BY_LINK or role not in (grants.in_agency if whole_agency else grants.in_brand):
        raise PeopleError(_("Your own role does not allow this change. Ask an owner of the agency."))
    address, place = email.strip().lower(), None if whole_agency else brand
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        for older in Invitation.objects.filter(email=address, agency=brand.agency_id, brand=place, accepted_at=None):
            revoke(older, by=by, brand=brand)
        invitation = Invitation.objects.create(
            email=address,
            agency_id=brand.agency_id,
            brand=place,
            role=role,
            token_sha256=digest_of(secret),
            invited_by=by,
            expires_at=timezone.now() + VALID_FOR,
        )
        known = User.objects.filter(email=address).first()
        post_letter(
            kind="invitation",
            to=known,
            address=address,
            brand=brand,
            subject=invitation,
            parts={"by": by.name, "place": brand.agency.name if whole_agency else brand.name, "days": VALID_FOR.days},
            secret=secret,
            dedupe_key=f"invitation:{invitation.pk}",
        )
        audit.record("people.invited", by=by, brand=brand, subject=invitation, data={"role": role})
    return invitation


def open_invitations(brand: Brand) -> list[Invitation]:
    """Return what waits for an answer in a brand or its agency."""
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    here = waiting.filter(Q(brand=brand) | Q(brand__isnull=True), agency=brand.agency_id)
    return list(here.order_by("email"))


def revoke(invitation: Invitation, *, by: User, brand: Brand) -> None:
    """End an invitation; a letter that has not left yet stays at home."""
    with transaction.atomic():
        still_open = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        if still_open.update(revoked_at=timezone.now()):
            letter = OutgoingMail.objects.filter(dedupe_key=f"invitation:{invitation.pk}", state=MailState.WAITING)
            letter.update(state=MailState.FAILED, sealed="")
            audit.record("people.invitation_revoked", by=by, brand=brand, subject=invitation)


def find_invitation(secret: str) -> Invitation | None:
    """Return the open invitation of a secret; used, revoked and expired ones are nothing."""
    return (
        Invitation.objects.select_related("agency", "brand", "invited_by")
        .filter(token_sha256=digest_of(secret), accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
        .first()
    )


def has_password(invitation: Invitation) -> bool:
    """Tell whether the invited address belongs to somebody who already signs in."""
    user = User.objects.filter(email=invitation.email).first()
    return bool(user and user.is_active and user.may_sign_in and user.has_usable_password())


def accept(invitation: Invitation, *, name: str = "", password: str = "") -> User:
    """Make the invited person a member. The letter reached them, so the address is theirs.

    Whoever signs in already keeps name and password; a newcomer, or somebody known by link only, chooses them.
    """
    is_known = has_password(invitation)
    with transaction.atomic():
        taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        if not taken.update(accepted_at=timezone.now()):
            raise PeopleError(_("This invitation was already used. Sign in with your address and password."))
        if User.objects.filter(email=invitation.email, is_active=False).exists():  # only who keeps the server ends that
            raise PeopleError(_("This invitation was already used. Sign in with your address and password."))
        user = User.objects.filter(email=invitation.email).first() or User(
            email=invitation.email, zone=invitation.brand.zone if invitation.brand else "Europe/Rome"
        )
        if not is_known:
            user.name, user.may_sign_in = name, True
            user.set_password(password)
            user.save()
        make_verified(user)
        join(user, agency=invitation.agency, brand=invitation.brand, role=Role(invitation.role))
        audit.record(
            "people.joined",
            by=user,
            brand=invitation.brand,
            agency=invitation.agency,
            subject=invitation,
            data={"role": invitation.role},
        )
    return user
