"""The people and things that tests speak of, made plainly."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from accounts.models import Agency, Brand, Membership, Role, User

NUMBER = count(1)


def make_agency(name: str = "Studio Levante", **fields: Any) -> Agency:
    """Return a stored agency with a slug of its own."""
    return Agency.objects.create(name=name, **{"slug": f"agency-{next(NUMBER)}", **fields})


def make_brand(agency: Agency | None = None, name: str = "Cantina Valdoro", **fields: Any) -> Brand:
    """Return a stored brand in Rome."""
    agency = agency or make_agency()
    return Brand.objects.create(agency=agency, name=name, **{"slug": f"brand-{next(NUMBER)}", **fields})


def make_user(name: str, *, may_sign_in: bool = True, **fields: Any) -> User:
    """Return a stored person whose address is their name."""
    email = fields.pop("email", f"{name.lower()}{next(NUMBER)}@example.test")
    return User.objects.create_user(email, "correct horse battery", name=name, may_sign_in=may_sign_in, **fields)


def make_member(name: str, brand: Brand, role: Role, **fields: Any) -> User:
    """Return a person with a role in one brand."""
    user = make_user(name, may_sign_in=role not in {Role.CLIENT, Role.EXPERT}, **fields)
    Membership.objects.create(user=user, agency=brand.agency, brand=brand, role=role)
    return user


def make_owner(name: str, agency: Agency) -> User:
    """Return a person with the owner's role in the whole agency."""
    user = make_user(name)
    Membership.objects.create(user=user, agency=agency, brand=None, role=Role.OWNER)
    return user


def make_people(brand: Brand, roles: Iterable[Role] = ()) -> dict[str, User]:
    """Return the usual people of a brand by first name: Mara, Ed, Mo, Cleo, Enzo."""
    usual = {"Mara": Role.MANAGER, "Ed": Role.EDITOR, "Mo": Role.MODERATOR, "Cleo": Role.CLIENT, "Enzo": Role.EXPERT}
    wanted = set(roles) or set(usual.values())
    return {name: make_member(name, brand, role) for name, role in usual.items() if role in wanted}
