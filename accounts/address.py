"""Where a request comes from: counted from the proxies that the installation names, never believed from a header."""

import ipaddress
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

NOWHERE = ""
CURRENT: ContextVar[str] = ContextVar("address of the request in hand", default=NOWHERE)


def client_address(request: HttpRequest) -> str:
    """Return the visitor’s address.

    Each proxy of ours appends the address it was called from, so with ``n`` proxies the visitor stands ``n`` places
    from the right; whatever stands further left was written by the visitor. A header that is too short lies.
    """
    direct = request.META.get("REMOTE_ADDR", "")
    count = settings.PROXIES
    if not count:
        return _valid(direct)
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return _valid(hops[-count] if len(hops) >= count else direct)


def short(address: str) -> str:
    """Return an address as the audit keeps it: the last 8 bits of IPv4, all but 48 of IPv6 are left out."""
    if not _valid(address):
        return NOWHERE
    there = ipaddress.ip_address(address)
    if isinstance(there, ipaddress.IPv6Address) and there.ipv4_mapped:
        there = there.ipv4_mapped
    size = 24 if there.version == 4 else 48
    return str(ipaddress.ip_network(f"{there}/{size}", strict=False).network_address)


def _valid(address: str) -> str:
    """Return an address without its zone, or nothing where it is none."""
    try:
        return str(ipaddress.ip_address(address.split("%", 1)[0]))
    except ValueError:
        return NOWHERE
