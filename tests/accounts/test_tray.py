"""The test mail: letters lie in a folder, and the demo shows them."""

from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client
from pytest_django import Settings

from accounts import letters
from tests.accounts.make_accounts import address_in, make_guest
from tests.make import make_brand

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.EMAIL_BACKEND = "accounts.tray.TrayBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.ROOT_URLCONF = "tests.accounts.demo_urls"
    return tmp_path / "mail"


def send_one(text: str = "Body") -> None:
    EmailMessage("Subject", text, "a@example.test", ["b@example.test"], connection=get_connection()).send()


def test_a_letter_is_read_and_its_link_followed(folder: Path) -> None:
    brand = make_brand()
    link, secret = make_guest(brand)
    cleo = link.user
    row = letters.post_letter(
        kind="link_again",
        to=cleo,
        address=cleo.email,
        brand=brand,
        subject=link,
        parts={"agency": brand.agency.name, "brand": brand.name},
        secret=secret,
        dedupe_key="x",
    )
    assert letters.send(row.pk)
    browser = Client(headers={"accept-language": "en"})
    listed = browser.get("/posta/").content.decode()
    assert brand.name in listed
    name = next(folder.glob("*.eml")).stem
    shown = browser.get(f"/posta/{name}/").content.decode()
    assert f'href="http://127.0.0.1:8000/r/{secret}"' in shown
    assert browser.get(address_in(f"http://x/r/{secret}"))["Location"] == f"/k/{link.public_id}/"


def test_nothing_outside_the_folder_is_read(folder: Path, tmp_path: Path) -> None:
    send_one()
    (tmp_path / "secret.eml").write_text("Subject: no\n\nno")
    for name in ("../secret", "..%2Fsecret", "nothing", "%00"):
        assert Client().get(f"/posta/{name}/").status_code == 404


def test_markup_in_a_letter_is_text_on_the_page(folder: Path) -> None:
    send_one("<script>alert(1)</script> https://example.test/?a=<b>")
    name = next(folder.glob("*.eml")).stem
    shown = Client().get(f"/posta/{name}/").content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown


def test_an_empty_tray_says_what_will_be_there(folder: Path) -> None:
    page = Client(headers={"accept-language": "en"}).get("/posta/").content.decode()
    assert "No email yet" in page


def test_outside_a_demo_there_is_no_such_page(settings: Settings) -> None:
    assert not settings.DEMO
    assert Client().get("/posta/").status_code == 404
