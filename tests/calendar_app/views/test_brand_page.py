"""What is said of a brand is changed by those who manage it, and the calendar follows."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, Role
from calendar_app.closed_days import regions_of
from tests.calendar_app.views.make_desk import make_office
from tests.make import make_member

pytestmark = pytest.mark.django_db
SAID = {"name": "Cantina", "colour": "c", "region": "BO", "form_of_address": "lei", "language": "en"}


def test_name_province_voice_and_aim_are_kept_and_written_down() -> None:
    office = make_office()
    where = f"/b/{office.brand.pk}/settings/"
    assert office.browser.post(where, {**SAID, "mix_informational": "12", "mix_promotional": ""}).status_code == 302
    office.brand.refresh_from_db()
    assert (office.brand.name, office.brand.region, office.brand.form_of_address) == ("Cantina", "BO", "lei")
    assert office.brand.target_mix == {"informational": 12}
    assert "target_mix" in AuditEntry.objects.get(verb="brand.changed").data["changed"]
    assert "Bologna" in office.browser.get(where).content.decode()


def test_what_will_not_do_is_said_at_its_field() -> None:
    office = make_office()
    answer = office.browser.post(f"/b/{office.brand.pk}/settings/", {**SAID, "name": "", "mix_informational": "-3"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "id_name-error" in page
    assert "id_mix_informational-error" in page
    office.brand.refresh_from_db()
    assert office.brand.name != ""


def test_who_does_not_manage_the_brand_reads_it_and_finds_no_button() -> None:
    office = make_office()
    mo = Client()
    mo.force_login(make_member("Mo", office.brand, Role.MODERATOR))
    page = mo.get(f"/b/{office.brand.pk}/settings/").content.decode()
    assert "btn primary" not in page.partition("<main")[2]
    assert mo.post(f"/b/{office.brand.pk}/settings/", SAID).status_code == 403


def test_provinces_are_named_once_and_in_order() -> None:
    names = [name for _code, name in regions_of("IT")]
    assert "Forlì-Cesena" in names
    assert len(names) == len(set(names)) > 100
    assert regions_of("XX") == []
