"""What tests of the planner’s pages share: people with a channel, signed in, and what a browser would send."""

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Brand, Role, User
from publisher.models import Channel
from tests.calendar_app.make_plan import in_days, make_channel, make_client, picture
from tests.make import make_brand, make_member


@dataclass(frozen=True, slots=True)
class Office:
    """A brand with its people, a channel, and Mara at the desk."""

    brand: Brand
    mara: User
    ed: User
    cleo: User
    channel: Channel
    browser: Client


def make_office(*, limit: int = 500, language: str = "en", **fields: Any) -> Office:
    """Return a brand that can plan, with its manager signed in."""
    brand = make_brand(**fields)
    mara = make_member("Mara", brand, Role.MANAGER, language=language)
    ed = make_member("Ed", brand, Role.EDITOR, language=language)
    cleo = make_client(brand)
    browser = Client()
    browser.force_login(mara)
    return Office(brand, mara, ed, cleo, make_channel(brand, limit=limit), browser)


def typed(office: Office, **changes: Any) -> dict[str, Any]:
    """Return the composer’s form as a browser sends it."""
    wall = in_days(3)
    form: dict[str, Any] = {
        "title": "La nuova etichetta",
        "kind": "informational",
        "on": f"{wall:%Y-%m-%d}",
        "at": "12:00",
        "text": "Stesso vino, abito nuovo.",
        "channels": [office.channel.pk],
        "action": "save",
        "version": "0",
    }
    return {**form, **changes}


def upload(name: str = "calice.jpg", **options: Any) -> SimpleUploadedFile:
    """Return a picture as a browser uploads it."""
    return SimpleUploadedFile(name, picture(**options), content_type="image/jpeg")


def cost_of(office: Office, address: str) -> list[str]:
    """Return the queries of a page, after a first visit that the session remembers."""
    office.browser.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert office.browser.get(address).status_code == 200
    return [query["sql"] for query in seen]
