"""The fake platform in the registry, empty before every test."""

from collections.abc import Iterator

import pytest

from publisher import platforms
from tests.community import fake


@pytest.fixture(autouse=True)
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[fake.Scene]:
    """The platform as it stands; a test changes it and reads again."""
    monkeypatch.setitem(platforms.PLATFORMS, "fake", "tests.community.fake.FakeAdapter")
    monkeypatch.setitem(platforms.PLATFORMS, "able", "tests.community.fake.AbleAdapter")
    monkeypatch.setitem(platforms.PLATFORMS, "bell", "tests.community.fake.BellAdapter")
    fake.SCENE.__init__()  # type: ignore[misc]  # emptied in place: the adapter holds on to it
    yield fake.SCENE
    platforms.adapter_of.cache_clear()
