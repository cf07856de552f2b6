"""What the tests of the walls share."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Every test starts with all limits unused."""
    cache.clear()
    yield
    cache.clear()
