"""Writing down who did what, in the transaction of the act itself."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from accounts.address import CURRENT, short
from accounts.models import Agency, AuditEntry, Brand, GuestLink, User

LONGEST = 120
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def record(  # noqa: PLR0913  (the sentence "who, what, whose, to which thing, from where" has that many parts)
    verb: str,
    *,
    by: User | AnonymousUser | None,
    brand: Brand | None = None,
    agency: Agency | None = None,
    subject: Model | None = None,
    link: GuestLink | None = None,
    data: Mapping[str, Any] | None = None,
    label: str = "",
    address: str = "",
) -> AuditEntry:
    """Add one entry. ``data`` holds references and short facts; long texts are cut, for bodies do not belong here.

    Where nobody is named, ``label`` says which part of the program acted. Without an ``address`` the entry
    takes that of the request in hand.
    """
    return AuditEntry.objects.create(
        verb=verb,
        actor=by if isinstance(by, User) else None,
        actor_label=plain(label)[:40],
        agency_id=agency.pk if agency else (brand.agency_id if brand else None),
        brand=brand,
        link=link,
        subject_kind=subject._meta.model_name or "" if subject else "",
        subject_id=subject.pk if subject else None,
        data={str(key): _fact(value) for key, value in (data or {}).items()},
        address_short=short(address or CURRENT.get()),
    )


def plain(text: str) -> str:
    """Return text whose line ends, control characters and direction overrides are written out."""
    return CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _fact(value: Any) -> Any:
    """Return a value that JSON holds, short and on one line."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_fact(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _fact(item) for key, item in value.items()}
    text = plain(str(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
