"""The wall: which rows exist for a person. What is not theirs is not there: 404, never 403."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from accounts.models import Agency, Brand, Membership, User
from accounts.permissions import Ability, Person, roles_with

Row = TypeVar("Row", bound=Model)


def memberships_with(user: Person, ability: Ability) -> QuerySet[Membership]:
    """Return the memberships through which a person has an ability; none for strangers and disabled people."""
    if not isinstance(user, User) or not user.is_active:
        return Membership.objects.none()
    return Membership.objects.filter(user=user, role__in=roles_with(ability))


def brands_of(user: Person, *, ability: Ability = Ability.READ) -> QuerySet[Brand]:
    """Return the brands that a person reaches, by a role in the brand or in its whole agency."""
    roles = memberships_with(user, ability)
    own = Q(pk__in=roles.filter(brand__isnull=False).values("brand"))
    through_agency = Q(agency__in=roles.filter(brand__isnull=True).values("agency"))
    return Brand.objects.filter(own | through_agency)


def agencies_of(user: Person, *, ability: Ability = Ability.READ) -> QuerySet[Agency]:
    """Return the agencies in which a person reaches the whole, not only a brand."""
    roles = memberships_with(user, ability)
    return Agency.objects.filter(pk__in=roles.filter(brand__isnull=True).values("agency"))


def visible_to(queryset: QuerySet[Row], user: Person, *, ability: Ability = Ability.READ) -> QuerySet[Row]:
    """Return only the rows of brands that a person reaches.

    The way from a row to its brand is the model’s ``brand_path`` ("brand" where it says nothing).
    """
    path = "pk" if queryset.model is Brand else str(getattr(queryset.model, "brand_path", "brand"))
    return queryset.filter(**{f"{path}__in": brands_of(user, ability=ability).values("pk")})


def get_visible(queryset: QuerySet[Row], user: Person, *, ability: Ability = Ability.READ, **lookup: Any) -> Row:
    """Return the one row, or 404 whether it is foreign or missing: nobody learns which."""
    row = visible_to(queryset, user, ability=ability).filter(**lookup).first()
    if row is None:
        raise Http404
    return row


def row_number(text: str) -> int:
    """Return the number of a row as a form or an address names it; 0, which no row has, for what can be none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def brand_for(request: HttpRequest, brand_id: int) -> Brand:
    """Return the brand of a page below ``/b/<brand>/``, or 404."""
    return get_visible(Brand.objects.select_related("agency"), request.user, pk=brand_id)


def person_of(request: HttpRequest) -> User:
    """Return who is signed in. Pages for nobody in particular do not ask."""
    if not isinstance(request.user, User):
        raise PermissionDenied("this page is for people who are signed in")
    return request.user
