"""What the tests of this package share."""

from collections.abc import Iterator

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
