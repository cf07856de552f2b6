"""What the tests of the walls share."""

import socket
from collections.abc import Iterator
from typing import NoReturn

import pytest
from django.core.cache import cache

from accounts.limits import MEMORY


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Every test starts with all limits unused."""
    cache.clear()
    MEMORY.clear()
    yield
    cache.clear()
    MEMORY.clear()


@pytest.fixture(autouse=True)
def nobody_out_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is known: whatever would call a platform hears that it is not reached."""

    def unknown(*_args: object, **_kwargs: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
