"""The frame that every page stands in."""

import pytest

from tests.browser.conftest import LOOKS, Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import assert_accessible, shot

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_day_is_readable_by_everybody_in_each_size_and_theme(site: Site, open_as: OpenAs, look: Look) -> None:
    page = open_as(site.seed("house")["mara"], look)
    page.goto("/")
    assert_accessible(page)
    shot(page, f"home-{look}")
