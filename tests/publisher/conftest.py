"""What the publisher's tests lean on."""

from collections.abc import Iterator

import pytest

from publisher.platforms import PLATFORMS, adapter_of
from tests.publisher import fake


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[fake.World]:
    """A platform in memory, in the registry for the length of a test."""
    monkeypatch.setitem(PLATFORMS, "fake", "tests.publisher.fake.FakeAdapter")
    adapter_of.cache_clear()
    yield fake.new_world()
    adapter_of.cache_clear()
