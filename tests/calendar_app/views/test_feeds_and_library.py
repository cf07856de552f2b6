"""Calendar addresses are shown once; the library keeps pictures and what is to be seen on them."""

import re

import pytest

from calendar_app.models import Asset, Feed
from tests.calendar_app.make_plan import make_asset
from tests.calendar_app.views.make_desk import cost_of, make_office, upload

pytestmark = pytest.mark.django_db


def test_a_feed_shows_its_address_once_and_answers_until_it_is_revoked() -> None:
    office = make_office()
    page = office.browser.post(f"/b/{office.brand.pk}/feeds/", {"name": "Telefono", "which": "all"}).content.decode()
    found = re.search(r"<code>http://testserver(/feed/[^<]+\.ics)</code>", page)
    assert found is not None
    assert "webcal://testserver/feed/" in page
    assert found[1] not in office.browser.get(f"/b/{office.brand.pk}/feeds/").content.decode()
    assert office.browser.get(found[1]).status_code == 200
    office.browser.post(f"/feeds/{Feed.objects.get().pk}/revoke/")
    assert office.browser.get(found[1]).status_code == 404


def test_somebody_elses_feed_cannot_be_revoked() -> None:
    office, other = make_office(), make_office()
    other.browser.post(f"/b/{other.brand.pk}/feeds/", {"name": "", "which": "all"})
    assert office.browser.post(f"/feeds/{Feed.objects.get().pk}/revoke/").status_code == 404


def test_the_plan_is_downloaded_once_as_a_file() -> None:
    office = make_office()
    answer = office.browser.get(f"/b/{office.brand.pk}/feeds/plan.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.content.startswith(b"BEGIN:VCALENDAR")


def test_pictures_come_into_the_library_and_are_described() -> None:
    office = make_office()
    office.browser.post(f"/b/{office.brand.pk}/library/upload/", {"upload": [upload()]})
    asset = Asset.objects.get()
    office.browser.post(f"/assets/{asset.pk}/describe/", {"text": "Un calice di rosso"})
    assert "Un calice di rosso" in office.browser.get(f"/b/{office.brand.pk}/library/").content.decode()
    small = office.browser.get(f"/assets/{asset.pk}/320/")
    assert small.headers["Content-Type"] == "image/webp"
    small.close()
    assert small.headers["X-Content-Type-Options"] == "nosniff"


def test_the_composer_gets_uploaded_pictures_as_rows_of_its_list() -> None:
    office = make_office()
    address = f"/b/{office.brand.pk}/library/upload/"
    answer = office.browser.post(address, {"upload": [upload()]}, headers={"X-Composer": "yes"})
    assert f'name="media" value="{Asset.objects.get().pk}"' in answer.content.decode()


def test_the_library_costs_the_same_for_two_pictures_and_for_twenty() -> None:
    office = make_office()
    counts = []
    for more in (2, 18):
        for _number in range(more):
            make_asset(office.brand, office.mara)
        counts.append(len(cost_of(office, f"/b/{office.brand.pk}/library/")))
    assert counts[0] == counts[1]
