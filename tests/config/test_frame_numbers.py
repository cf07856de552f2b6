"""The numbers of the frame are those of the one brand that it shows."""

import pytest
from django.test import Client
from django.urls import reverse

from calendar_app.models import Campaign
from tests.calendar_app.make_plan import make_channel
from tests.make import make_agency, make_brand, make_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def brands(client: Client) -> tuple[int, int]:
    """Two brands of Mara: the first by name has no channel, the second two."""
    agency = make_agency()
    first, second = make_brand(agency, "Aurora"), make_brand(agency, "Borea")
    mara = make_owner("Mara", agency)
    for name in ("Uno", "Due"):
        make_channel(second, name)
    client.force_login(mara)
    return first.pk, second.pk


def frame(client: Client, address: str) -> tuple[int, int]:
    """Return which brand the frame of a page shows, and how many channels it says."""
    shell = client.get(address).context["shell"]
    return shell.brand.pk, shell.brand.channel_count


def test_a_page_of_a_brand_counts_that_brand(client: Client, brands: tuple[int, int]) -> None:
    first, second = brands
    assert frame(client, reverse("channels", args=[second])) == (second, 2)
    assert frame(client, reverse("calendar_all", args=[2027, 3])) == (second, 2)
    assert frame(client, reverse("channels", args=[first])) == (first, 0)


def test_without_a_last_brand_the_first_is_counted(client: Client, brands: tuple[int, int]) -> None:
    assert frame(client, reverse("calendar_all", args=[2027, 3])) == (brands[0], 0)


def test_a_last_brand_that_is_out_of_reach_counts_the_first(client: Client, brands: tuple[int, int]) -> None:
    session = client.session
    session["brand"] = brands[1] + 1_000_000
    session.save()
    assert frame(client, reverse("calendar_all", args=[2027, 3])) == (brands[0], 0)


def test_a_page_of_one_thing_stands_in_the_frame_of_its_brand(client: Client, brands: tuple[int, int]) -> None:
    first, second = brands
    campaign = Campaign.objects.create(brand_id=second, name="Natale")
    for address in (reverse("campaign", args=[campaign.pk]), reverse("campaign_remove", args=[campaign.pk])):
        assert frame(client, reverse("channels", args=[first]))[0] == first
        assert frame(client, address) == (second, 2)
