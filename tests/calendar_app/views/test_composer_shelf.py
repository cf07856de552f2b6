"""Pictures in the composer: chosen from the library, cut, on every post of a thread; and a sheet that does not scold."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from calendar_app.drafting import duplicate
from calendar_app.models import Post
from calendar_app.views.post import by_sitting
from tests.calendar_app.make_plan import in_days, make_asset, make_post
from tests.calendar_app.views.make_desk import Office, make_office, typed

pytestmark = pytest.mark.django_db
SCRIPT = {"X-Composer": "yes"}


def new(office: Office) -> str:
    """Return the address of a new post."""
    return f"/b/{office.brand.pk}/posts/new/"


def sent(office: Office, **changes: Any) -> str:
    """Send the form and return the page that comes back."""
    return office.browser.post(new(office), typed(office, **changes)).content.decode()


def listed(page: str, name: str = "media") -> list[int]:
    """Return the pictures that stand in a list of the page."""
    return [int(pk) for pk in re.findall(rf'name="{name}" value="(\d+)"', page)]


def test_an_empty_sheet_says_calmly_what_is_missing_and_blames_nobody() -> None:
    office = make_office()
    make_post(office.brand, [office.channel], by=office.mara)
    page = office.browser.get(new(office)).content.decode()
    assert "Still missing: a title, words or a picture." in page
    assert "Write something" not in page
    assert "data-blocked" not in page


def test_sending_what_is_missing_says_it_at_the_field() -> None:
    office = make_office()
    answer = office.browser.post(new(office), typed(office, title="", text="", channels=[], action="send"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_title"' in page
    assert 'href="#where"' in page
    page = sent(office, text="", action="send")
    assert 'href="#id_text"' in page
    assert not Post.objects.exists()


def test_an_hour_that_has_passed_is_said_at_its_field_while_the_draft_can_still_be_kept() -> None:
    office = make_office()
    day = f"{in_days(-2):%Y-%m-%d}"
    address = f"/b/{office.brand.pk}/lengths/"
    page = office.browser.post(address, typed(office, on=day)).content.decode()
    assert re.search(r'data-fills="at".*?Its time has passed', page, re.DOTALL)
    assert "data-blocked" in page
    key = f"c{office.channel.pk}"
    own = {f"{key}-own_hour": "on", f"{key}-on": day, f"{key}-at": "12:00"}
    page = office.browser.post(address, typed(office, **own)).content.decode()
    assert f'data-fills="{key}-at"' in page
    assert 'data-fills="at"' not in page
    sent(office, on=day)
    assert Post.objects.count() == 1


def test_the_library_is_at_hand_by_words_and_shows_no_other_brand_s_pictures() -> None:
    office, other = make_office(), make_office()
    vine, glass = make_asset(office.brand, office.mara, alt="Un tralcio"), make_asset(office.brand, width=330)
    foreign = make_asset(other.brand, other.mara)
    address = f"/b/{office.brand.pk}/library/"
    page = office.browser.get(address, {"prefix": "c7-part-0-"}, headers=SCRIPT).content.decode()
    assert listed(page, "c7-part-0-pick") == [glass.pk, vine.pk]
    assert foreign.pk not in listed(page, "c7-part-0-media")
    page = office.browser.get(address, {"q": "tralcio", "prefix": '"><b>'}, headers=SCRIPT).content.decode()
    assert listed(page, "pick") == [vine.pk]
    assert "<b>" not in page


def test_without_script_pictures_are_chosen_from_the_library_too() -> None:
    office, other = make_office(), make_office()
    vine, foreign = make_asset(office.brand, office.mara), make_asset(other.brand, other.mara)
    page = sent(office, action="shelf:")
    assert listed(page, "pick") == [vine.pk]
    page = sent(office, action="upload", pick=[vine.pk, foreign.pk])
    assert listed(page) == [vine.pk]
    key = f"c{office.channel.pk}"
    page = sent(office, action=f"shelf:{key}-", **{f"{key}-own_media": "on"})
    assert listed(page, f"{key}-pick") == [vine.pk]


def test_every_post_of_a_thread_has_pictures_of_its_own_also_in_a_copy() -> None:
    office = make_office()
    one, two = make_asset(office.brand, office.mara), make_asset(office.brand, office.mara, width=330)
    key = f"c{office.channel.pk}"
    thread = {f"{key}-part": ["Seconda", ""], f"{key}-part-place": ["4", "2"], f"{key}-part-4-media": [one.pk]}
    thread |= {f"{key}-part-2-media": [two.pk, one.pk], f"{key}-part-2-alt-{two.pk}": "Un tralcio"}
    page = sent(office, arrange=f"{key}-part-2-{one.pk}:up", **thread)
    assert listed(page, f"{key}-part-1-media") == [one.pk, two.pk]
    sent(office, **thread)
    post = Post.objects.get()

    def shown(stored: Post) -> list[list[tuple[int, str]]]:
        parts = stored.variants.get().parts.filter(kind="part").order_by("number")
        return [[(item.asset_id, item.alt) for item in part.media.order_by("position")] for part in parts]

    assert shown(post) == [[(one.pk, "")], [(two.pk, "Un tralcio"), (one.pk, "")]]
    assert listed(office.browser.get(f"/posts/{post.pk}/edit/").content.decode(), f"{key}-part-1-media") == [two.pk, one.pk]
    assert shown(duplicate(post, wall=in_days(9), by=office.mara)) == shown(post)


def test_a_cut_is_chosen_stored_as_a_box_and_shown_again() -> None:
    office = make_office()
    asset = make_asset(office.brand, office.mara, width=400, height=200)
    sent(office, media=[asset.pk], **{f"crop-{asset.pk}": "1:1 start"})
    post = Post.objects.get()
    assert post.media.get().crop == "0,0,500,1000"
    assert post.variants.get().parts.get().media.get().crop == "0,0,500,1000"
    page = office.browser.get(f"/posts/{post.pk}/edit/").content.decode()
    assert '<option value="1:1 start" selected>' in page
    assert "cut-1-1 at-start" in page


def test_what_one_person_saves_in_a_sitting_is_one_line_of_the_record() -> None:
    now = timezone.now()
    told = (("post.saved", 1, 2), ("post.saved", 1, 20), ("post.saved", 2, 21), ("post.saved", 1, 22))
    told += (("post.saved", 1, 60), ("post.moved", 1, 61), ("post.saved", 1, 62), ("post.created", 1, 63))
    rows = [AuditEntry(verb=verb, actor_id=who, at=now - timedelta(minutes=ago)) for verb, who, ago in told]
    assert [round((now - row.at).total_seconds() / 60) for row in by_sitting(rows)] == [2, 21, 22, 60, 61, 62, 63]


def test_however_often_a_composer_saved_the_record_still_says_what_was_done_before() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], by=office.mara)
    saved = {"brand": office.brand, "agency": office.brand.agency, "actor": office.mara, "verb": "post.saved"}
    AuditEntry.objects.bulk_create(AuditEntry(**saved, subject_kind="post", subject_id=post.pk) for _ in range(210))
    history = office.browser.get(f"/posts/{post.pk}/").context["history"]
    assert [line["words"] for line in history] == ["Changed", "Written"]


@pytest.mark.parametrize(("texts", "words"), [(["x" * 50_001], "too long to keep"), (["Ancora"] * 21, "at most 20")])
def test_of_a_thread_that_cannot_be_kept_nothing_is_cut_away_silently(texts: list[str], words: str) -> None:
    office = make_office()
    key = f"c{office.channel.pk}"
    thread = {f"{key}-part": texts, f"{key}-part-place": [str(place) for place in range(len(texts))]}
    answer = office.browser.post(new(office), typed(office, **thread))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert page.count(f">{texts[-1]}</textarea>") == len(texts)
    assert not Post.objects.exists()


def thread(office: Office, *parts: tuple[str, int]) -> dict[str, Any]:
    """Return further posts as a browser sends them: words and a picture each."""
    key = f"c{office.channel.pk}"
    return {
        f"{key}-part": [words for words, _picture in parts],
        f"{key}-part-place": [str(place) for place in range(len(parts))],
        **{f"{key}-part-{place}-media": [picture] for place, (_words, picture) in enumerate(parts)},
    }


def test_words_that_move_to_a_picture_alone_are_a_change_and_taken_over_where_they_stand() -> None:
    office = make_office()
    one, two = make_asset(office.brand, office.mara).pk, make_asset(office.brand, office.mara, width=330).pk
    sent(office, **thread(office, ("Seconda", one), ("", two)))
    post = Post.objects.get()
    address, key = f"/posts/{post.pk}/edit/", f"c{office.channel.pk}"

    def told() -> list[tuple[str, int]]:
        parts = post.variants.get().parts.filter(kind="part").order_by("number")
        return [(part.text, part.media.get().asset_id) for part in parts]

    office.browser.post(address, typed(office, version=1, **thread(office, ("", one), ("Seconda", two))))
    assert told() == [("", one), ("Seconda", two)]
    cut = {f"{key}-part-0-crop-{one}": "1:1 start"}
    mine = typed(office, version=1, **thread(office, ("Mia", one)), **cut)
    page = office.browser.post(address, mine).content.decode()
    assert '<span class="words">calice.jpg<br>Seconda<br>calice.jpg</span>' in page
    assert '<span class="words">Mia<br>calice.jpg · Square: top or left</span>' in page
    office.browser.post(address, {**mine, "version": 2, f"take-{key}-part": "theirs", "title": "Altro titolo"})
    assert told() == [("", one), ("Seconda", two)]
