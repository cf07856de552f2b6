"""What is said of a brand: its name, where it is at home, how it speaks, how much it wants to publish."""

from dataclasses import asdict, dataclass, field

from django.db import transaction

from accounts.audit import record
from accounts.models import Brand, FormOfAddress, User
from accounts.permissions import Ability, require

COLOURS = ("a", "b", "c", "d", "e", "f")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandFacts:
    """What people say of a brand. ``target_mix`` are posts a month by kind."""

    name: str
    colour: str = COLOURS[0]
    language: str = "it"
    form_of_address: str = FormOfAddress.TU
    region: str = ""
    target_mix: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def change_brand(brand: Brand, *, by: User, facts: BrandFacts) -> Brand:
    """Say something else of it. The hours of its posts stay in its time zone, which only the server’s keeper sets."""
    require(by, Ability.MANAGE_BRAND, brand)
    said = asdict(facts)
    changed = [name for name, value in said.items() if getattr(brand, name) != value]
    if changed:
        for name in changed:
            setattr(brand, name, said[name])
        brand.save(update_fields=changed)
        record("brand.changed", by=by, brand=brand, subject=brand, data={"changed": changed})
    return brand
