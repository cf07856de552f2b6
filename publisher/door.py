"""The installation's door to the network, as its settings want it."""

from functools import cache

from django.conf import settings

from publisher.contract.http import Door

CALLS_AT_ONCE = 1152


@cache
def opened(private_networks: tuple[str, ...], public_url: str) -> Door:
    """Return the one door of these settings; its pools are made after a fork."""
    return Door(private_networks=private_networks, ourselves=(public_url,) if public_url else (), pool_size=CALLS_AT_ONCE)


def door() -> Door:
    """Return the door that all threads of this process share."""
    return opened(tuple(settings.PRIVATE_NETWORKS), settings.PUBLIC_URL)


def web_door() -> Door:
    """Return the door for addresses that people paste in: the public web alone, also where channels live inside."""
    return opened((), settings.PUBLIC_URL)
