"""Links, invitations and letters, made plainly."""

import re
from datetime import timedelta
from typing import Any

from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import letters, links
from accounts.models import Brand, GuestLink, OutgoingMail, Purpose, Role, User
from accounts.sign_in import make_verified
from tests.make import make_member

PASSWORD = "correct horse battery"


def make_guest(brand: Brand, name: str = "Cleo", **fields: Any) -> tuple[GuestLink, str]:
    """Return a client's open link for approving, and its secret."""
    cleo = fields.pop("user", None) or make_member(name, brand, Role.CLIENT)
    soon = timezone.now() + timedelta(days=14)
    values = {"purpose": Purpose.APPROVE, "decides_until": soon, "expires_at": soon + timedelta(days=16), **fields}
    return links.make_link(user=cleo, agency=brand.agency, brand=brand, **values)


def signed_in(user: User) -> Client:
    """Return a browser in which a person signed in by the page, as people do."""
    make_verified(user)
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def post_all_letters() -> list[str]:
    """Send every waiting letter, as the queue would, and return the texts of those that left now."""
    before = len(mail.outbox)
    for number in OutgoingMail.objects.filter(state="waiting").values_list("pk", flat=True):
        letters.send(number)
    return [str(message.body) for message in mail.outbox[before:]]


def address_in(text: str) -> str:
    """Return the path of the one address in a letter's text."""
    found = re.findall(r"https?://[^/\s]+(/\S+)", text)
    assert found, text
    return str(found[0])
