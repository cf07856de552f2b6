"""Stored files: names are ours, originals never leave, the wall stands before every copy."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from publisher.contract.content import Rendition
from publisher.files import REFUSALS, clean_label, keep_original, media_answer, path_of, rendition_for, thumbnail_for
from publisher.models import StoredFile
from tests.calendar_app.make_plan import picture
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db

WIDE = Rendition(max_width=1000, max_height=1000, max_pixels=1_000_000, max_bytes=1_000_000)


def test_the_same_bytes_are_stored_once_per_brand_and_never_shared_between_brands() -> None:
    first, second, data = make_brand(), make_brand(), picture()

    assert keep_original(brand=first, data=data) == keep_original(brand=first, data=data)
    assert keep_original(brand=first, data=data) != keep_original(brand=second, data=data)


def test_a_copy_is_made_once_and_lies_under_a_name_of_ours() -> None:
    stored = keep_original(brand=make_brand(), data=picture())

    made = rendition_for(stored, WIDE)

    assert rendition_for(stored, WIDE) == made
    assert made.source == stored
    assert Path(made.path).parts[0] == "brands"
    assert path_of(made).read_bytes()[:3] == b"\xff\xd8\xff"
    assert thumbnail_for(stored, 200).width <= 320


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "brands/../../x"])
def test_a_row_that_points_out_of_the_folder_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        path_of(StoredFile(path=path))


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("../../x.jpg", "x.jpg"),
        ("C:\\Foto\\calice.jpg", "calice.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("foto\u202egpj.exe", "fotogpj.exe"),
        ("nul\x00l.png", "null.png"),
        ("è" * 300, "è" * 120),
    ],
)
def test_a_given_name_is_only_a_label(given: str, label: str) -> None:
    assert clean_label(given) == label


def test_originals_have_no_answer() -> None:
    stored = keep_original(brand=make_brand(), data=picture())

    with pytest.raises(ValueError, match="originals"):
        media_answer(stored)


def test_a_copy_is_shown_to_colleagues_and_does_not_exist_for_others(client: Client) -> None:
    brand = make_brand()
    made = rendition_for(keep_original(brand=brand, data=picture()), WIDE)
    address = reverse("media_file", args=[made.pk])
    client.force_login(make_member("Ed", brand, Role.EDITOR))
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"

    client.force_login(make_member("Otto", make_brand(), Role.OWNER))
    assert client.get(address).status_code == 404
    assert client.get(reverse("media_file", args=[made.source_id])).status_code == 404


def test_an_original_is_never_shown_not_even_to_colleagues(client: Client) -> None:
    brand = make_brand()
    stored = keep_original(brand=brand, data=picture())
    client.force_login(make_member("Ed", brand, Role.EDITOR))

    assert client.get(reverse("media_file", args=[stored.pk])).status_code == 404
    small = client.get(reverse("media_file", args=[stored.pk]) + "?w=320")
    assert small.headers["Content-Type"] == "image/webp"
    assert b"".join(small.streaming_content)[8:12] == b"WEBP"


def test_every_refusal_has_a_sentence() -> None:
    values = {"limit": 1, "size": 2}
    assert all(str(sentence) % values for sentence in REFUSALS.values())
    assert set(settings.MEDIA_ROOT.parts) - {"/"}
