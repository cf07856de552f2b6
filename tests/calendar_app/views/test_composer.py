"""The composer: what is typed is kept, counted, and never overwritten in silence."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from calendar_app.forms.cuts import box_of
from calendar_app.models import Asset, Post, PostStage
from tests.calendar_app.make_plan import make_pack, make_post, make_rule
from tests.calendar_app.views.make_desk import make_office, typed, upload

pytestmark = pytest.mark.django_db


def test_a_post_is_written_with_its_text_channel_and_brief() -> None:
    office = make_office()
    answer = office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, brief_claims="Nessuna"))
    post = Post.objects.get()
    assert answer.headers["Location"] == f"/posts/{post.pk}/"
    assert post.text == "Stesso vino, abito nuovo."
    assert post.brief["claims"] == "Nessuna"
    assert [one.channel_id for one in post.variants.all()] == [office.channel.pk]


def test_an_error_keeps_everything_typed_and_the_pictures_that_were_uploaded() -> None:
    office = make_office()
    form = typed(office, title="", text="Parole che non si perdono", upload=[upload()])
    answer = office.browser.post(f"/b/{office.brand.pk}/posts/new/", form)
    page, asset = answer.content.decode(), Asset.objects.get()
    assert answer.status_code == 422
    assert "Parole che non si perdono" in page
    assert f'name="media" value="{asset.pk}"' in page
    assert re.search(r'id="id_title"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="id_title"', page)
    assert "id_title-error" in page


def test_what_is_no_picture_is_refused_with_a_sentence_and_the_rest_stays() -> None:
    office = make_office()
    bad = SimpleUploadedFile("foto.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")
    answer = office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, upload=[bad, upload()]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "foto.jpg: This file is not a JPEG" in page
    assert Asset.objects.count() == 1
    assert Post.objects.count() == 0


def test_pictures_are_arranged_and_taken_out_without_script() -> None:
    office = make_office()
    office.browser.post(
        f"/b/{office.brand.pk}/posts/new/",
        typed(office, action="upload", upload=[upload(), upload("b.jpg", colour="#123456")]),
    )
    first, second = Asset.objects.order_by("pk")
    form = typed(office, media=[first.pk, second.pk], arrange=f"{first.pk}:down", **{f"alt-{first.pk}": "Un calice"})
    page = office.browser.post(f"/b/{office.brand.pk}/posts/new/", form).content.decode()
    assert re.findall(r'name="media" value="(\d+)"', page) == [str(second.pk), str(first.pk)]
    assert "Un calice" in page
    form = typed(office, media=[first.pk, second.pk], arrange=f"{first.pk}:away")
    page = office.browser.post(f"/b/{office.brand.pk}/posts/new/", form).content.decode()
    assert re.findall(r'name="media" value="(\d+)"', page) == [str(second.pk)]
    assert Post.objects.count() == 0


def test_too_long_blocks_sending_and_says_by_how_much() -> None:
    office = make_office(limit=20)
    form = typed(office, text="x" * 32, action="send")
    answer = office.browser.post(f"/b/{office.brand.pk}/posts/new/", form)
    assert answer.status_code == 422
    assert "12 characters too many" in answer.content.decode()
    assert Post.objects.count() == 0
    office.browser.post(f"/b/{office.brand.pk}/posts/new/", {**form, "action": "save"})
    assert Post.objects.get().stage == PostStage.DRAFT


def test_lengths_are_counted_by_the_server_as_the_platform_counts() -> None:
    office = make_office(limit=30)
    form = typed(office, text="Leggi https://example.test/" + "a" * 80)
    page = office.browser.post(f"/b/{office.brand.pk}/lengths/", form).content.decode()
    assert "29 / 30" in page
    assert "data-blocked" not in page
    own = typed(office, **{f"c{office.channel.pk}-own": "on", f"c{office.channel.pk}-text": "x" * 33})
    page = office.browser.post(f"/b/{office.brand.pk}/lengths/", own).content.decode()
    assert "3 too many" in page
    assert "data-blocked" in page


def test_a_channel_may_have_its_own_text_warning_and_first_comment() -> None:
    office = make_office()
    key = f"c{office.channel.pk}"
    form = typed(
        office,
        **{
            f"{key}-own": "on",
            f"{key}-text": "Solo qui",
            f"{key}-first_comment": "Il primo",
            f"{key}-option-visibility": "unlisted",
        },
    )
    office.browser.post(f"/b/{office.brand.pk}/posts/new/", form)
    variant = Post.objects.get().variants.get()
    assert [(part.kind, part.text) for part in variant.parts.order_by("pk")] == [
        ("post", "Solo qui"),
        ("first_comment", "Il primo"),
    ]
    assert variant.options == {"visibility": "unlisted"}
    page = office.browser.get(f"/posts/{variant.post_id}/edit/").content.decode()
    assert "Solo qui" in page
    assert "Il primo" in page


@pytest.mark.parametrize(
    ("on", "at", "said"), [("2027-03-28", "02:30", "does not exist"), ("2027-10-31", "02:30", "comes twice")]
)
def test_an_hour_that_does_not_exist_or_comes_twice_is_asked_about(on: str, at: str, said: str) -> None:
    office = make_office()
    answer = office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, on=on, at=at))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Post.objects.count() == 0


def test_the_second_of_two_equal_hours_can_be_chosen() -> None:
    office = make_office()
    office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, on="2027-10-31", at="02:30", fold="1"))
    assert Post.objects.get().due_at.isoformat() == "2027-10-31T01:30:00+00:00"


def test_a_stale_tab_shows_both_texts_and_loses_nothing() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], by=office.mara)
    old = str(post.version)
    office.browser.post(f"/posts/{post.pk}/edit/", typed(office, version=old, text="Il testo di Ed"))
    answer = office.browser.post(f"/posts/{post.pk}/edit/", typed(office, version=old, text="Il testo di Mara"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Il testo di Ed" in page
    assert "Saved by Mara at" in page
    assert "Il testo di Mara" in page
    post.refresh_from_db()
    assert post.text == "Il testo di Ed"
    again = re.search(r'name="version" value="(\d+)"', page)
    assert again is not None
    office.browser.post(f"/posts/{post.pk}/edit/", typed(office, version=again[1], text="Il testo di Mara"))
    post.refresh_from_db()
    assert post.text == "Il testo di Mara"


def test_saving_says_before_what_it_costs() -> None:
    office = make_office()
    make_rule(office.brand, "client")
    post = make_post(office.brand, [office.channel], by=office.mara)
    make_pack([post], by=office.mara)
    page = office.browser.get(f"/posts/{post.pk}/edit/").content.decode()
    assert "Cleo is being asked about it now" in page


def test_a_picture_of_another_brand_does_not_come_in() -> None:
    office, other = make_office(), make_office()
    other.browser.post(f"/b/{other.brand.pk}/posts/new/", typed(other, action="upload", upload=[upload()]))
    foreign = Asset.objects.get()
    office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, media=[foreign.pk]))
    assert not Post.objects.get(brand=office.brand).media.exists()


def test_where_nobody_is_asked_sending_schedules_at_once() -> None:
    office = make_office()
    make_rule(office.brand, "none")
    answer = office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, action="send"))
    post = Post.objects.get()
    assert answer.headers["Location"] == f"/posts/{post.pk}/"
    assert post.stage == PostStage.APPROVED


def test_a_monstrous_text_is_neither_counted_for_long_nor_kept() -> None:
    office = make_office()
    monster = "#x " * 30_000
    answer = office.browser.post(f"/b/{office.brand.pk}/lengths/", typed(office, text=monster))
    assert len(answer.content) < 1_000_000
    for changes in (
        {"text": monster},
        {"brief_claims": monster},
        {f"c{office.channel.pk}-own": "on", f"c{office.channel.pk}-text": monster},
        {f"c{office.channel.pk}-first_comment": monster},
    ):
        answer = office.browser.post(f"/b/{office.brand.pk}/posts/new/", typed(office, **changes))
        assert answer.status_code == 422
        assert "too long to keep" in answer.content.decode()
    assert not Post.every.exists()


@pytest.mark.parametrize("cut", ["a,b", "0,0,0,0", "-5,0,900,900", "0,0,99999,1000", "," * 60, "²,0,9,9"])
def test_a_cut_that_is_none_is_the_whole_picture(cut: str) -> None:
    assert box_of(cut, width=400, height=300) == ""
    assert box_of("0,0,500,1000", width=400, height=300) == "0,0,500,1000"
