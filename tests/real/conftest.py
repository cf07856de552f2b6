"""The real servers, started once for all tests that speak to them."""

from collections.abc import Iterator

import pytest

from tests.real.bluesky_network import Bluesky, running_bluesky


@pytest.fixture(scope="session")
def bluesky() -> Iterator[Bluesky]:
    """Bluesky's network with four people; the test must be marked ``enable_socket``."""
    with running_bluesky() as network:
        yield network
