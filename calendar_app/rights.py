"""May this person do it? Asked at the door of every verb."""

from django.db.models import Q

from accounts import permissions
from accounts.models import Brand, Membership, Role, User
from accounts.permissions import Ability


def require(by: User | None, ability: Ability, brand: Brand) -> None:
    """Refuse with 403 whoever may not. Nobody (None) is the shell: whoever keeps the server runs its commands."""
    if by is not None:
        permissions.require(by, ability, brand)


def is_client_of(user: User, brand: Brand) -> bool:
    """Tell whether somebody is a client of the brand **now**: a right that was withdrawn counts at once."""
    return user.is_active and Membership.objects.filter(user=user, brand=brand, role=Role.CLIENT).exists()


def clients_of(brand: Brand) -> list[User]:
    """Return the people who decide for the brand."""
    people = User.objects.filter(is_active=True, memberships__brand=brand, memberships__role=Role.CLIENT)
    return list(people.distinct().order_by("pk"))


def members_with(ability: Ability, brand: Brand) -> list[User]:
    """Return the people of the agency who have an ability in the brand."""
    here = Q(brand=brand) | Q(brand__isnull=True, agency=brand.agency_id)
    memberships = Membership.objects.filter(here, role__in=permissions.roles_with(ability))
    return list(User.objects.filter(is_active=True, pk__in=memberships.values("user")).order_by("pk"))


def holders_of(brand: Brand, role: Role) -> list[User]:
    """Return the people who have a role in the brand itself, not only in its whole agency."""
    mine = Membership.objects.filter(brand=brand, role=role)
    return list(User.objects.filter(is_active=True, pk__in=mine.values("user")).order_by("pk"))
