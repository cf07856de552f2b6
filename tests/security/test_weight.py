"""A stranger does not fill the disk: what is too heavy is refused by its head (I2, L3)."""

import pytest
from django.test import Client

from config.weight import MOST_BYTES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("said", [str(MOST_BYTES + 1), "9" * 30, "-1", "x"])
def test_a_heavy_request_is_refused_before_it_is_read(said: str) -> None:
    answer = Client(raise_request_exception=False).generic("POST", "/accounts/login/", b"x", CONTENT_LENGTH=said)
    assert answer.status_code == 400


def test_pictures_of_a_post_are_not_too_heavy() -> None:
    answer = Client().generic("POST", "/accounts/login/", b"x", CONTENT_LENGTH=str(3 * 20_000_000))
    assert answer.status_code != 400
