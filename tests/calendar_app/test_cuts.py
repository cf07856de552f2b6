"""A cut has the shape that was chosen, lies within the picture, and is recognised again."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.drafting import MediaChoice, PostChanges, VariantChanges, save_post
from calendar_app.forms.cuts import PLACES, SHAPES, box_of, css_of, cut_of
from publisher.models import StoredFile
from tests.calendar_app.make_plan import make_asset, make_pack
from tests.calendar_app.views.make_client import make_desk

SIDES = st.integers(200, 8000)


@given(SIDES, SIDES, st.sampled_from([*SHAPES]), st.sampled_from([*PLACES]))
def test_a_cut_lies_within_the_picture_and_has_its_shape(width: int, height: int, shape: str, place: str) -> None:
    box = box_of(f"{shape} {place}", width=width, height=height)
    wide, high, _label = SHAPES[shape]
    if not box:
        assert width * high == height * wide
        return
    left, top, right, bottom = map(int, box.split(","))
    assert 0 <= left < right <= 1000
    assert 0 <= top < bottom <= 1000
    seen = (right - left) * width / ((bottom - top) * height)
    assert seen == pytest.approx(wide / high, rel=0.03)


@pytest.mark.parametrize(("width", "height"), [(1600, 900), (800, 1200), (1000, 1000)])
def test_a_stored_cut_is_recognised_and_another_box_stays_as_it_is(width: int, height: int) -> None:
    box = box_of("4:5 end", width=width, height=height)
    assert cut_of(box, width=width, height=height) == "4:5 end"
    assert cut_of("10,20,900,950", width=width, height=height) == "10,20,900,950"
    assert box_of("10,20,900,950", width=width, height=height) == "10,20,900,950"
    assert (cut_of("", width=width, height=height), box_of("7:3 end", width=width, height=height)) == ("", "")


def test_only_cuts_that_we_know_become_classes() -> None:
    assert css_of("16:9 start") == "cut-16-9 at-start"
    assert css_of('x" onload= end') == css_of("1,2,3,4") == css_of("") == ""


@pytest.mark.django_db
def test_a_picture_that_each_channel_cuts_otherwise_is_shown_in_both_cuts() -> None:
    desk = make_desk(count=1)
    one, two = (variant.channel_id for variant in desk.posts[0].variants.order_by("pk"))
    asset = make_asset(desk.brand, desk.mara, width=400, height=200)

    def cut(box: str) -> VariantChanges:
        return VariantChanges(media=(MediaChoice(asset.pk, crop=box),))

    cuts = {one: cut("0,0,500,1000"), two: cut("500,0,1000,1000")}
    save_post(desk.posts[0], version=desk.posts[0].version, by=desk.mara, changes=PostChanges(variants=cuts))
    desk.pack = make_pack(desk.posts, by=desk.mara)
    desk.open()
    page = desk.page().content.decode()
    sealed = StoredFile.objects.filter(source=asset.file).exclude(recipe__contains="thumbnail")
    assert sealed.count() == 2
    for file in sealed:
        assert reverse("client_picture", args=[desk.link.public_id, file.pk, 640]) in page
