"""What one channel gets differently: its own hour, pictures, link, thread; and what it would refuse, at the field."""

import re
from typing import Any

import pytest

from calendar_app.models import Asset, Kind, Post
from tests.calendar_app.make_plan import in_days, make_asset, make_channel, make_post
from tests.calendar_app.views.make_desk import Office, cost_of, make_office, typed, upload

pytestmark = pytest.mark.django_db


def written(office: Office, **changes: Any) -> str:
    """Send the composer’s form for a new post and return the page that comes back."""
    return office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, **changes)).content.decode()


def own(office: Office, **changes: Any) -> dict[str, Any]:
    """Return fields of the channel by their whole names."""
    return {f"c{office.channel.pk}-{name.replace('__', '-')}": value for name, value in changes.items()}


def test_a_channel_has_its_own_hour_pictures_link_and_thread() -> None:
    office = make_office()
    common, other = make_asset(office.brand, office.mara), make_asset(office.brand, office.mara, width=330)
    day = f"{in_days(4):%Y-%m-%d}"
    fields = own(office, own="on", text="Solo qui", link="https://example.test/qui", own_media="on", own_hour="on")
    fields |= own(office, media=[other.pk], on=day, at="18:30", part=["Seconda", " ", "Terza"])
    fields[f"c{office.channel.pk}-alt-{other.pk}"] = "Un tralcio"
    written(office, media=[common.pk], link="https://example.test/tutti", **fields)
    post = Post.objects.get()
    variant = post.variants.get()
    parts = list(variant.parts.order_by("kind", "number"))
    assert (variant.wall, variant.link) == (in_days(4, 18).replace(minute=30), "https://example.test/qui")
    assert [(part.kind, part.number, part.text) for part in parts] == [
        ("part", 1, "Seconda"),
        ("part", 2, "Terza"),
        ("post", 0, "Solo qui"),
    ]
    assert [(one.asset_id, one.alt) for one in parts[2].media.all()] == [(other.pk, "Un tralcio")]
    assert [one.asset_id for one in post.media.all()] == [common.pk]
    page = office.browser.get(f"/posts/{post.pk}/edit/").content.decode()
    for words in ("Seconda", "Terza", "Un tralcio", 'value="18:30"', f'name="c{office.channel.pk}-media" value="{other.pk}"'):
        assert words in page


def test_what_a_channel_has_of_its_own_survives_a_save_that_does_not_touch_it() -> None:
    office = make_office()
    day = f"{in_days(4):%Y-%m-%d}"
    form = typed(office, **own(office, own_hour="on", on=day, at="18:30", part=["Seconda"]))
    office.browser.post(f"/b/{office.brand.pk}/posts/new/", form)
    post = Post.objects.get()
    office.browser.post(f"/posts/{post.pk}/edit/", {**form, "version": "1", "title": "Un altro titolo"})
    variant = Post.objects.get().variants.get()
    assert variant.wall == in_days(4, 18).replace(minute=30)
    assert [part.text for part in variant.parts.filter(kind="part")] == ["Seconda"]


@pytest.mark.parametrize(
    ("on", "at", "said"),
    [("", "12:00", "Choose the day."), ("2027-03-28", "02:30", "does not exist"), ("2027-10-31", "02:30", "comes twice")],
)
def test_the_hour_of_a_channel_is_asked_about_at_its_own_field(on: str, at: str, said: str) -> None:
    office = make_office()
    page = written(office, **own(office, own_hour="on", on=on, at=at))
    assert said in page
    assert f"{office.channel.name}: " in page
    assert Post.objects.count() == 0


def test_an_hour_typed_but_switched_off_does_not_stand_in_the_way() -> None:
    office = make_office()
    written(office, **own(office, on="", at="25:99", link="x y"))
    assert Post.objects.get().variants.get().wall is None


def test_pictures_of_a_channel_begin_with_the_common_ones_and_are_arranged_without_script() -> None:
    office = make_office()
    one, two = make_asset(office.brand, office.mara), make_asset(office.brand, office.mara, width=330)
    key = f"c{office.channel.pk}"
    page = written(office, media=[one.pk, two.pk], arrange=f"{key}-copy", **own(office, own_media="on"))
    listed = re.compile(rf'name="{key}-media" value="(\d+)"')
    assert listed.findall(page) == [str(one.pk), str(two.pk)]
    fields = own(office, own_media="on", media=[one.pk, two.pk])
    page = written(office, media=[one.pk], arrange=f"{key}-{one.pk}:down", **fields)
    assert listed.findall(page) == [str(two.pk), str(one.pk)]
    page = written(office, action="upload", **fields, **{f"{key}-upload": [upload()]})
    assert listed.findall(page)[2:] == [str(Asset.objects.order_by("-pk")[0].pk)]
    assert Post.objects.count() == 0


def test_a_thread_grows_and_shrinks_without_script() -> None:
    office = make_office()
    key = f"c{office.channel.pk}"
    page = written(office, arrange=f"{key}-part:more", **own(office, part=["Seconda"]))
    assert page.count(f'name="{key}-part"') == 3, "the two posts, and the one that the script copies"
    page = written(office, arrange=f"{key}-part:0:away", **own(office, part=["Seconda", "Terza"]))
    assert "Seconda" not in page
    assert "Terza" in page


def answered(office: Office, **changes: Any) -> dict[str, str]:
    """Return what the live column says, by the place of the field."""
    page = office.browser.post(f"/b/{office.brand.pk}/lengths/", typed(office, **changes)).content.decode()
    return dict(re.findall(r'<template data-fills="([^"]+)">(.*?)</template>', page, re.DOTALL))


def test_what_a_platform_would_refuse_is_said_at_the_field_it_belongs_to() -> None:
    office = make_office(limit=30)
    picture, key = make_asset(office.brand, office.mara, alt="y" * 1501), f"c{office.channel.pk}"
    said = answered(office, text="x" * 32, media=[picture.pk])
    assert "2 characters too many" in said["text"]
    assert "problem" in said[f"alt-{picture.pk}"]
    fields = own(office, own="on", text="x" * 33, own_media="on", media=[picture.pk], first_comment="y" * 31)
    said = answered(office, **fields)
    assert "3 characters too many" in said[f"{key}-text"]
    assert "1 character too many" in said[f"{key}-first_comment"]
    assert f"{key}-alt-{picture.pk}" in said


def test_a_sentence_about_one_of_two_channels_names_it() -> None:
    office = make_office(limit=30)
    other = make_channel(office.brand, "La bottega", limit=500)
    said = answered(office, text="x" * 32, channels=[office.channel.pk, other.pk])
    assert office.channel.name in said["text"]
    assert "La bottega" not in said["text"]


def test_pictures_without_words_are_counted_once_and_do_not_block() -> None:
    office = make_office()
    pictures = [make_asset(office.brand, office.mara, alt="", width=width).pk for width in (330, 340)]
    page = office.browser.post(f"/b/{office.brand.pk}/lengths/", typed(office, media=pictures)).content.decode()
    assert "2 pictures have no alternative text." in page
    assert "data-blocked" not in page


def test_the_preview_shows_the_channel_that_is_asked_for() -> None:
    office = make_office()
    other = make_channel(office.brand, "La bottega")
    form = typed(office, channels=[office.channel.pk, other.pk], **own(office, own="on", text="Soltanto là"))
    page = office.browser.post(f"/b/{office.brand.pk}/lengths/", {**form, "preview": office.channel.pk}).content.decode()
    assert "Soltanto là" in page
    page = office.browser.post(f"/b/{office.brand.pk}/lengths/", {**form, "preview": other.pk}).content.decode()
    assert "Soltanto là" not in page
    assert "Stesso vino" in page


def test_a_new_post_begins_where_the_last_one_ended() -> None:
    office = make_office(target_mix={"informational": 1, "promotional": 4})
    other = make_channel(office.brand, "La bottega")
    tomorrow = in_days(1, 18)
    make_post(office.brand, [other], by=office.mara, wall=tomorrow, kind=Kind.INFORMATIONAL)
    page = office.browser.get(f"/b/{office.brand.pk}/posts/new/").content.decode()
    assert f'value="{in_days(2):%Y-%m-%d}"' in page
    assert 'value="18:00"' in page
    assert re.search(r'value="promotional"[^>]*checked', page)
    assert re.search(rf'id="channel-{other.pk}"[^>]*checked', page)
    assert not re.search(rf'id="channel-{office.channel.pk}"[^>]*checked', page)


def test_the_page_costs_the_same_whatever_stands_in_it() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], by=office.mara)
    before = len(cost_of(office, f"/posts/{post.pk}/edit/"))
    channels = [office.channel.pk, *(make_channel(office.brand, f"Canale {n}").pk for n in range(4))]
    form = typed(office, version=post.version, channels=channels, **own(office, part=["Due", "Tre"]))
    office.browser.post(f"/posts/{post.pk}/edit/", form)
    assert len(cost_of(office, f"/posts/{post.pk}/edit/")) == before
