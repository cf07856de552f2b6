"""One table: what each role may do. Nothing else in the program decides it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.models import Brand, Membership, Role, User

Person: TypeAlias = User | AnonymousUser


class Ability(StrEnum):
    """Something that a person may do in a brand."""

    READ = "read"
    SUBSCRIBE = "subscribe"
    PLAN = "plan"
    WRITE = "write"
    IMPORT_PLAN = "import_plan"
    SEND_FOR_APPROVAL = "send_for_approval"
    APPROVE_INTERNAL = "approve_internal"
    SCHEDULE = "schedule"
    STOP = "stop"
    CONNECT = "connect"
    READ_INBOX = "read_inbox"
    MODERATE = "moderate"
    INVITE = "invite"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_BRAND = "manage_brand"
    SEE_AUDIT = "see_audit"


EVERYTHING = frozenset(Ability)

# Clients decide by link and experts answer by link: a role alone opens no page to them.
ABILITIES: dict[Role, frozenset[Ability]] = {
    Role.OWNER: EVERYTHING,
    Role.MANAGER: EVERYTHING,
    Role.EDITOR: frozenset(
        {
            Ability.READ,
            Ability.SUBSCRIBE,
            Ability.PLAN,
            Ability.WRITE,
            Ability.IMPORT_PLAN,
            Ability.SEND_FOR_APPROVAL,
            Ability.SCHEDULE,
            Ability.STOP,
            Ability.READ_INBOX,
        }
    ),
    Role.MODERATOR: frozenset({Ability.READ, Ability.SUBSCRIBE, Ability.STOP, Ability.READ_INBOX, Ability.MODERATE}),
    Role.CLIENT: frozenset({Ability.SUBSCRIBE}),
    Role.EXPERT: frozenset(),
}


def roles_with(ability: Ability) -> list[Role]:
    """Return the roles that have an ability."""
    return [role for role, abilities in ABILITIES.items() if ability in abilities]


def roles_in(user: Person, brand: Brand) -> set[Role]:
    """Return a person’s roles in a brand: its own, and those of the whole agency. One query, never remembered."""
    if not isinstance(user, User) or not user.is_active:
        return set()
    reach = Q(brand=brand) | Q(brand__isnull=True, agency=brand.agency_id)
    return {Role(role) for role in Membership.objects.filter(reach, user=user).values_list("role", flat=True)}


def abilities_in(user: Person, brand: Brand) -> frozenset[Ability]:
    """Return all that a person may do in a brand; a page that asks often asks once with this."""
    return frozenset[Ability]().union(*(ABILITIES[role] for role in roles_in(user, brand)))


def abilities_among(user: Person, brands: Iterable[Brand]) -> dict[int, frozenset[Ability]]:
    """Return all that a person may do in each of several brands, for pages that show many: one query."""
    if not isinstance(user, User) or not user.is_active:
        return {}
    held = list(Membership.objects.filter(user=user).values_list("agency", "brand", "role"))
    return {
        brand.pk: frozenset[Ability]().union(
            *(
                ABILITIES[Role(role)]
                for agency_id, brand_id, role in held
                if brand_id == brand.pk or (brand_id is None and agency_id == brand.agency_id)
            )
        )
        for brand in brands
    }


def can(user: Person, ability: Ability, brand: Brand) -> bool:
    """Tell whether a person may do something in a brand now."""
    return ability in abilities_in(user, brand)


def require(user: Person, ability: Ability, brand: Brand) -> None:
    """Refuse with 403 whoever may not. That the brand is not foreign was settled before, by the wall."""
    if not can(user, ability, brand):
        raise PermissionDenied(f"{ability} needs another role")
