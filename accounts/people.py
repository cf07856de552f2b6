"""Who belongs to a brand, in which role, and who may change that."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit, links
from accounts.models import Agency, Brand, GuestLink, Membership, Role, User
from accounts.permissions import roles_in

# Who works in the program, and who comes by link only. A role changes within its group; from one group to the
# other somebody is removed and invited anew, for signing in comes or goes with it.
AT_WORK = (Role.MANAGER, Role.EDITOR, Role.MODERATOR)
BY_LINK = (Role.CLIENT, Role.EXPERT)
IN_AGENCY = (Role.OWNER, Role.MANAGER)


class PeopleError(Exception):
    """What was asked for cannot be; ``str()`` is the sentence for the page."""


@dataclass(frozen=True, slots=True)
class Grants:
    """The roles that somebody may give and take: in one brand, and in the whole agency."""

    in_brand: tuple[Role, ...]
    in_agency: tuple[Role, ...]

    def cover(self, membership: Membership) -> bool:
        """Tell whether a membership is among them."""
        return Role(membership.role) in (self.in_agency if membership.brand_id is None else self.in_brand)


def grants_of(user: User, brand: Brand) -> Grants:
    """Return what a person may give: owners everything, managers all roles of the brand, others nothing."""
    roles = roles_in(user, brand)
    if Role.OWNER in roles:
        return Grants(in_brand=AT_WORK + BY_LINK, in_agency=IN_AGENCY)
    if Role.MANAGER in roles:
        return Grants(in_brand=AT_WORK + BY_LINK, in_agency=())
    return Grants(in_brand=(), in_agency=())


def members_of(brand: Brand) -> QuerySet[Membership]:
    """Return everybody who reaches a brand: the whole agency’s people first."""
    reach = Q(brand=brand) | Q(brand__isnull=True, agency=brand.agency_id)
    return (
        Membership.objects.filter(reach).select_related("user").order_by(F("brand").asc(nulls_first=True), "user__name")
    )


def may_touch(user: User, membership: Membership, brand: Brand) -> bool:
    """Tell whether a person may change somebody’s role: within their grants, and never their own."""
    return membership.user_id != user.pk and grants_of(user, brand).cover(membership)


def change_role(membership: Membership, *, role: Role, brand: Brand, by: User) -> Membership:
    """Give somebody another role."""
    grants = grants_of(by, brand)
    allowed = grants.in_agency if membership.brand_id is None else grants.in_brand
    if not may_touch(by, membership, brand) or role not in allowed:
        raise PeopleError(_("Your own role does not allow this change. Ask an owner of the agency."))
    if (role in BY_LINK) != (Role(membership.role) in BY_LINK):
        raise PeopleError(
            _("Who signs in and who comes by link are different people. Remove the role, then invite again.")
        )
    with transaction.atomic():
        _keep_an_owner(membership, role)
        was = membership.role
        Membership.objects.filter(pk=membership.pk).update(role=role)
        if was == Role.CLIENT != role:  # an expert reads no plan
            links.revoke_all(GuestLink.objects.filter(user=membership.user_id, brand=membership.brand_id), by=by)
        audit.record("people.role_changed", by=by, brand=brand, subject=membership.user, data={"was": was, "is": role})
    membership.refresh_from_db()
    return membership


def remove(membership: Membership, *, brand: Brand, by: User) -> None:
    """Take somebody’s role away. What they may counts at their next request; their links here close now."""
    if not may_touch(by, membership, brand):
        raise PeopleError(_("Your own role does not allow this change. Ask an owner of the agency."))
    with transaction.atomic():
        _keep_an_owner(membership, None)
        theirs = GuestLink.objects.filter(user=membership.user_id, agency=membership.agency_id)
        if membership.brand_id is not None:
            theirs = theirs.filter(Q(brand=membership.brand_id) | Q(brand__isnull=True))
        links.revoke_all(theirs, by=by)
        audit.record("people.removed", by=by, brand=brand, subject=membership.user, data={"was": membership.role})
        membership.delete()


def add_contact(*, brand: Brand, name: str, email: str, language: str, role: Role, by: User) -> Membership:
    """Add a client or an expert: somebody who comes by link and has no password."""
    if role not in BY_LINK or role not in grants_of(by, brand).in_brand:
        raise PeopleError(_("Your own role does not allow this change. Ask an owner of the agency."))
    address = email.strip().lower()
    with transaction.atomic():
        user = User.objects.filter(email=address).first()
        if user is None:
            fields: dict[str, Any] = {"name": name, "language": language, "zone": brand.zone, "may_sign_in": False}
            user = User.objects.create_user(address, None, **fields)
        if Membership.objects.filter(user=user, brand=brand).exists():
            raise PeopleError(_("%(address)s already has a role in this brand.") % {"address": address})
        membership = Membership.objects.create(user=user, agency_id=brand.agency_id, brand=brand, role=role)
        audit.record("people.added", by=by, brand=brand, subject=user, data={"role": role})
    return membership


def join(user: User, *, agency: Agency, brand: Brand | None, role: Role) -> Membership:
    """Give somebody a role where they have none yet, or the new one instead of the old."""
    membership, _is_new = Membership.objects.update_or_create(
        user=user, agency=agency, brand=brand, defaults={"role": role}
    )
    return membership


def named(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """Return roles as a form’s choices."""
    return [(role.value, str(role.label)) for role in roles]


def _keep_an_owner(membership: Membership, role: Role | None) -> None:
    """Refuse to leave an agency without an owner."""
    if membership.brand_id is not None or membership.role != Role.OWNER or role == Role.OWNER:
        return
    others = Membership.objects.filter(agency=membership.agency_id, brand__isnull=True, role=Role.OWNER)
    if not others.exclude(pk=membership.pk).exists():
        raise PeopleError(_("An agency needs an owner. Make somebody else the owner first."))
