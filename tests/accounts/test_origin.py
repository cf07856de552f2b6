"""Forms on pages that send no referrer: their origin is ``null``, and yet nobody forges them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Brand
from tests.accounts.make_accounts import make_guest
from tests.make import make_brand

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def send(brand: Brand, *, token: str = "", **headers: str) -> int:
    """Fill in the page that offers the link again, as a browser would."""
    link, _secret = make_guest(brand)
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(reverse("client_pack", args=[link.public_id]))
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found is not None
    body = {"csrfmiddlewaretoken": token or found.group(1)}
    return browser.post(reverse("link_again", args=[link.public_id]), body, headers=headers).status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "null"}, 200),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-site"}, 403),
        ({"origin": "null", "sec-fetch-site": "none"}, 403),
        ({"origin": "https://evil.test", "sec-fetch-site": "same-origin"}, 403),
    ],
)
def test_a_page_without_referrer_may_send_its_own_form(brand: Brand, headers: dict[str, str], status: int) -> None:
    assert send(brand, **headers) == status


def test_the_token_is_asked_for_all_the_same(brand: Brand) -> None:
    assert send(brand, token="A" * 64, **{"origin": "null", "sec-fetch-site": "same-origin"}) == 403
