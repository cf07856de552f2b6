"""Who may do what, and whose rows exist for whom."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from accounts.models import Brand, Membership, OutgoingMail, Role
from accounts.permissions import ABILITIES, Ability, abilities_in, can, require
from accounts.scope import agencies_of, brand_for, brands_of, get_visible, visible_to
from tests.make import make_agency, make_brand, make_member, make_owner, make_people

pytestmark = pytest.mark.django_db


def test_every_role_stands_in_the_table() -> None:
    assert set(ABILITIES) == set(Role)


def test_an_owner_of_the_agency_reaches_every_brand_of_it_and_no_other() -> None:
    agency = make_agency()
    first, second, foreign = make_brand(agency), make_brand(agency), make_brand()
    olga = make_owner("Olga", agency)
    assert set(brands_of(olga)) == {first, second}
    assert can(olga, Ability.MANAGE_PEOPLE, second)
    assert abilities_in(olga, foreign) == frozenset()
    assert list(agencies_of(olga)) == [agency]


def test_a_manager_of_one_brand_reaches_only_that_one() -> None:
    agency = make_agency()
    here, beside = make_brand(agency), make_brand(agency)
    mara = make_member("Mara", here, Role.MANAGER)
    assert list(brands_of(mara)) == [here]
    assert not can(mara, Ability.READ, beside)
    assert not agencies_of(mara).exists()


def test_each_role_may_what_its_line_says_and_nothing_else() -> None:
    brand = make_brand()
    people = make_people(brand)
    assert can(people["Ed"], Ability.WRITE, brand)
    assert not can(people["Ed"], Ability.APPROVE_INTERNAL, brand)
    assert not can(people["Ed"], Ability.MODERATE, brand)
    assert can(people["Mo"], Ability.MODERATE, brand)
    assert not can(people["Mo"], Ability.WRITE, brand)
    assert can(people["Mo"], Ability.STOP, brand)


def test_a_client_and_an_expert_reach_no_page_by_their_role() -> None:
    people = make_people(make_brand())
    assert not brands_of(people["Cleo"]).exists()
    assert not brands_of(people["Enzo"]).exists()
    assert brands_of(people["Cleo"], ability=Ability.SUBSCRIBE).exists()


def test_require_refuses_with_forbidden() -> None:
    brand = make_brand()
    mo = make_member("Mo", brand, Role.MODERATOR)
    require(mo, Ability.MODERATE, brand)
    with pytest.raises(PermissionDenied):
        require(mo, Ability.CONNECT, brand)


def test_nobody_and_the_disabled_reach_nothing() -> None:
    brand = make_brand()
    mara = make_member("Mara", brand, Role.MANAGER)
    mara.is_active = False
    assert not brands_of(mara).exists()
    assert not can(mara, Ability.READ, brand)
    assert not brands_of(AnonymousUser()).exists()
    assert not can(AnonymousUser(), Ability.READ, brand)


def test_a_right_that_is_taken_away_counts_at_once() -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    assert can(ed, Ability.WRITE, brand)
    Membership.objects.filter(user=ed).update(role=Role.MODERATOR)
    assert not can(ed, Ability.WRITE, brand)


def test_a_superuser_has_no_power_over_brands() -> None:
    brand = make_brand()
    root = make_member("Root", make_brand(), Role.EDITOR, is_superuser=True, is_staff=True)
    assert not can(root, Ability.READ, brand)


def test_a_foreign_row_and_a_missing_row_are_the_same() -> None:
    mine, foreign = make_brand(), make_brand()
    mara = make_member("Mara", mine, Role.MANAGER)
    letter = OutgoingMail.objects.create(address="a@example.test", brand=foreign, kind="x", dedupe_key="x")
    assert not visible_to(OutgoingMail.objects.all(), mara).exists()
    for number in (letter.pk, letter.pk + 1000):
        with pytest.raises(Http404):
            get_visible(OutgoingMail.objects.all(), mara, pk=number)


def test_the_page_of_a_foreign_brand_does_not_exist() -> None:
    mine, foreign = make_brand(), make_brand()
    request = RequestFactory().get("/")
    request.user = make_member("Mara", mine, Role.MANAGER)
    assert brand_for(request, mine.pk) == mine
    with pytest.raises(Http404):
        brand_for(request, foreign.pk)


def test_a_wall_costs_one_query_however_many_roles(django_assert_num_queries: object) -> None:
    agency = make_agency()
    brands = [make_brand(agency) for _ in range(5)]
    mara = make_member("Mara", brands[0], Role.MANAGER)
    for brand in brands[1:]:
        Membership.objects.create(user=mara, agency=agency, brand=brand, role=Role.EDITOR)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(visible_to(Brand.objects.all(), mara)) == 5
