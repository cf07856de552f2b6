"""``manage.py create_brand``: a brand, its agency and its owner, from the shell."""

import os
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Agency, Brand, Membership, Role, User
from accounts.sign_in import make_verified


class Command(BaseCommand):
    """Creates a brand; the agency and the owner too, where they are new."""

    help = "Create a brand, with its agency and owner where they are new."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read what is asked for."""
        parser.add_argument("--agency", required=True, metavar="NAME")
        parser.add_argument("--brand", required=True, metavar="NAME")
        parser.add_argument("--slug", required=True, help="short name of the brand, for commands")
        parser.add_argument("--timezone", default="Europe/Rome", metavar="ZONE")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument(
            "--password-env", default="", metavar="VAR", help="variable that holds a new owner’s password"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check everything, then create everything."""
        zone, slug, email = options["timezone"], options["slug"], options["owner"].strip().lower()
        _check(zone=zone, slug=slug, email=email)
        password = _password(options["password_env"])
        with transaction.atomic():
            agency, is_new = _agency(options["agency"])
            if Brand.objects.filter(agency=agency, slug=slug).exists():
                raise CommandError(
                    _("%(agency)s already has a brand with the slug %(slug)s: choose another.")
                    % {"agency": agency.name, "slug": slug}
                )
            owner, is_new_owner = _owner(agency, email, password, zone)
            if is_new:
                audit.record("agency.created", by=None, agency=agency, subject=agency, label="create_brand")
            brand = Brand.objects.create(agency=agency, name=options["brand"], slug=slug, zone=zone)
            audit.record("brand.created", by=None, brand=brand, subject=brand, label="create_brand")
        self.stdout.write(_sentence(brand, owner, is_new_owner=is_new_owner))


def _check(*, zone: str, slug: str, email: str) -> None:
    if zone not in available_timezones():
        raise CommandError(_("%(zone)s is not a time zone. Write one like Europe/Rome.") % {"zone": zone})
    try:
        validate_slug(slug)
    except ValidationError:
        raise CommandError(
            _("%(slug)s is not a slug: use letters, digits and hyphens, for example cantina-valdoro.") % {"slug": slug}
        ) from None
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(_("%(address)s is not an email address.") % {"address": email}) from None


def _password(variable: str) -> str | None:
    """Return the password from the environment; it never stands in a command line."""
    if not variable:
        return None
    password = os.environ.get(variable, "")
    if not password:
        raise CommandError(
            _("The variable %(name)s is empty: put the owner’s password there, or leave --password-env out.")
            % {"name": variable}
        )
    try:
        validate_password(password)
    except ValidationError as error:
        why = " ".join(error.messages)
        raise CommandError(
            _("The password in %(name)s will not do: %(why)s") % {"name": variable, "why": why}
        ) from None
    return password


def _agency(name: str) -> tuple[Agency, bool]:
    found = list(Agency.objects.filter(name=name)[:2])
    if len(found) > 1:
        raise CommandError(_("There are several agencies called %(name)s: rename one first.") % {"name": name})
    if found:
        return found[0], False
    slug = slugify(name) or "agency"
    if Agency.objects.filter(slug=slug).exists():
        raise CommandError(
            _("Another agency has a name too similar to %(name)s: write its name in full, or choose another one.")
            % {"name": name}
        )
    return Agency.objects.create(name=name, slug=slug), True


def _owner(agency: Agency, email: str, password: str | None, zone: str) -> tuple[User, bool]:
    """Return the person, who owns the agency from now on, and whether they are new."""
    owner = User.objects.filter(email=email).first()
    is_new = owner is None
    if owner is None:
        owner = User.objects.create_user(email, password, name=email.partition("@")[0], zone=zone)
    elif not owner.may_sign_in or not owner.is_active:
        raise CommandError(
            _("%(address)s uses a link only or is disabled, and cannot own an agency.") % {"address": email}
        )
    make_verified(owner)
    here = Membership.objects.filter(user=owner, agency=agency, brand=None)
    if not here.filter(role=Role.OWNER).exists():
        here.update_or_create(user=owner, agency=agency, brand=None, defaults={"role": Role.OWNER})
        audit.record(
            "people.joined", by=None, agency=agency, subject=owner, data={"role": Role.OWNER}, label="create_brand"
        )
    return owner, is_new


def _sentence(brand: Brand, owner: User, *, is_new_owner: bool) -> str:
    values = {
        "brand": brand.name,
        "slug": brand.slug,
        "zone": brand.zone,
        "agency": brand.agency.name,
        "address": owner.email,
    }
    made = _("Created the brand %(brand)s (%(slug)s, %(zone)s) of the agency %(agency)s.") % values
    if not is_new_owner:
        signs_in = _("%(address)s owns the agency and signs in as before.")
    elif owner.has_usable_password():
        signs_in = _("%(address)s owns the agency and signs in with the password you gave.")
    else:
        signs_in = _("%(address)s owns the agency and chooses a password by email: “Forgotten your password?”.")
    return f"{made} {signs_in % values}"
