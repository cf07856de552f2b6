"""The book of a brand, for those who may read it."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from accounts import audit
from accounts.audit_words import VERBS
from accounts.models import Brand, Role, User
from tests.accounts.make_accounts import make_guest
from tests.make import make_brand, make_member
from tests.security.world import browser_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def brand() -> Brand:
    return make_brand()


@pytest.fixture
def mara(brand: Brand) -> User:
    return make_member("Mara", brand, Role.MANAGER)


def test_the_page_costs_the_same_for_two_entries_and_for_two_hundred(
    brand: Brand, mara: User, django_assert_max_num_queries: Any
) -> None:
    browser = browser_of(mara)
    page = reverse("audit", args=[brand.pk])
    browser.get(page)
    for number in range(200):
        audit.record("post.created", by=mara if number % 2 else None, brand=brand, label="clock")
    with django_assert_max_num_queries(14):
        text = browser.get(page).content.decode()
    assert text.count("<tr>") == 51
    assert "before=" in text


def test_pages_follow_each_other_without_a_gap(brand: Brand, mara: User) -> None:
    for number in range(120):
        audit.record("people.invited", by=None, brand=brand, label=f"entry{number:03}")
    browser, address, seen = browser_of(mara), reverse("audit", args=[brand.pk]), []
    while address:
        text = browser.get(address).content.decode()
        seen += re.findall(r"entry\d{3}", text)
        older = re.search(r"\?before=\d+", text)
        address = reverse("audit", args=[brand.pk]) + older.group() if older else ""
    assert sorted(seen, reverse=True) == seen
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 40, "٣", ""])
def test_a_strange_number_is_no_error(brand: Brand, mara: User, nonsense: str) -> None:
    assert browser_of(mara).get(reverse("audit", args=[brand.pk]), {"before": nonsense}).status_code == 200


def test_a_decision_by_link_names_the_person_of_the_link(brand: Brand, mara: User) -> None:
    link, _secret = make_guest(brand)
    audit.record("approval.approved", by=None, brand=brand, link=link)
    assert "Cleo" in browser_of(mara).get(reverse("audit", args=[brand.pk])).content.decode()


def test_the_table_to_take_along_runs_no_formula(brand: Brand, mara: User) -> None:
    mara.name = '=HYPERLINK("https://evil.test")'
    mara.save()
    audit.record("post.created", by=mara, brand=brand, data={"post": 7})
    answer = browser_of(mara).get(reverse("audit_file", args=[brand.pk]))
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0][:3] == ["at", "who", "verb"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_every_verb_that_the_program_writes_has_its_words() -> None:
    written: set[str] = set()
    for package in ("accounts", "publisher", "calendar_app", "community", "config"):
        for path in (ROOT / package).rglob("*.py"):
            written |= set(re.findall(r'\brecord\(\s*f?"([a-z_]+\.[a-z_]+)"', path.read_text()))
    assert written - set(VERBS) == set()
