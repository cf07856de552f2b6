"""One world per platform and server, started once for all promises."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_socket

from publisher.contract.base import Adapter, Call
from publisher.platforms import adapter_of
from tests.publisher.contract.kit import World, signed_in
from tests.publisher.contract.registry import KITS

WORLDS = [(kit.slug, name) for kit in KITS.values() for name in kit.worlds]


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], World]]:
    """The worlds that were started so far; all end with the run."""
    with ExitStack() as stack:
        found: dict[tuple[str, str], World] = {}
        found_or_started = _Started(found, stack, tmp_path_factory)
        yield found_or_started


class _Started(dict[tuple[str, str], World]):
    """Starts a world when it is first asked for."""

    def __init__(self, found: dict[tuple[str, str], World], stack: ExitStack, folders: pytest.TempPathFactory) -> None:
        super().__init__(found)
        self.stack, self.folders = stack, folders

    def __missing__(self, which: tuple[str, str]) -> World:
        slug, name = which
        folder: Path = self.folders.mktemp(f"{slug}-{name}")
        self[which] = self.stack.enter_context(KITS[slug].worlds[name](folder))
        return self[which]


@pytest.fixture(params=WORLDS, ids=["-".join(which) for which in WORLDS])
def which(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The platform and the world of this test."""
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def world(which: tuple[str, str], started: dict[tuple[str, str], World], socket_enabled: None) -> Iterator[World]:
    """The other side, without faults before and after."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    found = started[which]
    found.mend()
    found.door.went.clear()
    yield found
    found.mend()


@pytest.fixture
def adapter(which: tuple[str, str]) -> Adapter:
    """The adapter under test."""
    return adapter_of(which[0])


@pytest.fixture
def call(adapter: Adapter, world: World) -> Call:
    """A call to the account of this world."""
    return signed_in(adapter, world)
