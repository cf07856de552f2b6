"""Which addresses may be called: the spelling of a URL and a table of networks of our own.

``ipaddress.is_global`` is not the judge: it differs between Python versions and lets 6to4, NAT64 and multicast through.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

REFUSED_4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a provider's translation
        "127.0.0.0/8",  # this machine
        "168.63.129.16/32",  # a cloud's own service, on a public number
        "169.254.0.0/16",  # link-local, metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
REFUSED_6 = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
)
NEVER = tuple(
    ipaddress.ip_network(block) for block in ("0.0.0.0/32", "224.0.0.0/4", "255.255.255.255/32", "::/128", "ff00::/8")
)
STRANGE = re.compile(r"[\x00-\x20\x7f\\]|[^\x00-\x7f]")
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
NUMERIC = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
BRACKETS = re.compile(r"\[[0-9a-fA-F:.]+\](:[0-9]+)?")
PORTS = {"https": 443, "http": 80}


class Refused(Exception):
    """Such an address is not called. The words are for logs of the operator, never for the page."""


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart: where to connect, and what to ask there. ``target`` may hold a secret and stays unseen."""

    scheme: str
    host: str
    port: int
    target: str

    def __repr__(self) -> str:
        return f"Place({self.origin})"

    @property
    def origin(self) -> str:
        """Return the URL without its path."""
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{port}"


def place_of(url: str) -> Place:
    """Take a URL apart, strictly: no credentials, no tricks of spelling, the host in lower-case ASCII."""
    head, mark, tail = url.partition("://")
    scheme = head.lower()
    if not mark or scheme not in PORTS:
        raise Refused("the scheme is not https")
    netloc, _, _ = re.split(r"([/?#])", tail + "/", maxsplit=1)
    if STRANGE.search(tail[len(netloc) :]) or "\\" in netloc or re.search(r"[\x00-\x20\x7f]", netloc):
        raise Refused("strange characters")
    if "@" in netloc or "%" in netloc:
        raise Refused("credentials or escapes in the host")
    if "[" in netloc and not BRACKETS.fullmatch(netloc):
        raise Refused("not an address in brackets")
    try:
        parts = urlsplit(f"{scheme}://{ascii_host(netloc)}{tail[len(netloc) :]}")
        port = parts.port if parts.port is not None else PORTS[scheme]
        host = checked_host(parts.hostname or "")
    except ValueError as error:
        raise Refused("not a host and port") from error
    if not 0 < port < 65536:
        raise Refused("not a port")
    return Place(scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def ascii_host(netloc: str) -> str:
    """Return host and port with the host as the DNS wants it (punycode)."""
    if netloc.isascii():
        return netloc
    host, colon, port = netloc.partition(":")
    return host.encode("idna").decode("ascii") + (colon + port if colon else "")


def checked_host(host: str) -> str:
    """Return the host in one spelling. A host that ends in a number has to be an IPv4 address as everybody writes it."""
    host = host.lower()
    if ":" in host:
        return str(ipaddress.IPv6Address(host))
    if not HOST.fullmatch(host):
        raise ValueError("not a host name")
    if NUMERIC.fullmatch(host.rsplit(".", 1)[-1]):
        return str(ipaddress.IPv4Address(host))
    return host


def literal(host: str) -> Address | None:
    """Return the address that a host already is, or None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_listed(address: Address, networks: tuple[Network, ...]) -> bool:
    """Say whether the operator listed this private address; nobody can list multicast or the unspecified address."""
    if getattr(address, "scope_id", None) or any(address in network for network in NEVER):
        return False
    return any(address in network for network in networks)


def is_public(address: Address) -> bool:
    """Say whether this is an ordinary address of the public network."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in REFUSED_4)
    return not address.scope_id and address in GLOBAL_6 and not any(address in block for block in REFUSED_6)
