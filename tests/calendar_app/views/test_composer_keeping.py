"""Kept while it is written: saved on its own where that costs nothing, once, and never over somebody else’s words."""

from typing import Any

import pytest

from calendar_app.models import Post, PostStage
from tests.calendar_app.make_plan import in_days, make_pack, make_post, make_rule
from tests.calendar_app.views.make_desk import Office, make_office, typed

pytestmark = pytest.mark.django_db
KEY = "5f0c2c1e-7a53-4a55-8f4e-0b6a4ce3a001"


def asked(office: Office, address: str, **changes: Any) -> dict[str, Any]:
    """Ask as the composer’s script does."""
    answer = office.browser.post(address, typed(office, **changes), headers={"X-Composer": "yes"})
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    return said


def new(office: Office) -> str:
    """Return the address of a new post."""
    return f"/b/{office.brand.pk}/posts/new/"


def test_a_new_post_is_kept_once_however_often_the_answer_is_lost() -> None:
    office = make_office()
    first = asked(office, new(office), action="keep", key=KEY)
    again = asked(office, new(office), action="keep", key=KEY, text="Ancora una parola")
    assert Post.objects.count() == 1
    post = Post.objects.get()
    assert (first["state"], again["state"]) == ("saved", "saved")
    assert first["address"] == f"/posts/{post.pk}/edit/"
    assert (post.text, post.stage) == ("Ancora una parola", PostStage.DRAFT)
    assert again["version"] == post.version == 2


def test_the_key_of_somebody_else_s_post_opens_nothing() -> None:
    office, other = make_office(), make_office()
    asked(other, new(other), action="keep", key=KEY)
    said = asked(office, new(office), action="keep", key=KEY)
    assert said["state"] == "saved"
    assert Post.objects.get(key=KEY).brand == other.brand
    assert Post.objects.get(brand=office.brand).version == 1


def test_what_is_not_whole_yet_waits_and_says_for_what() -> None:
    office = make_office()
    said = asked(office, new(office), action="keep", title="")
    assert said["state"] == "waits"
    assert "Give the post a title" in said["words"]
    assert Post.objects.count() == 0


def test_nothing_changed_writes_nothing() -> None:
    office = make_office()
    asked(office, new(office), action="keep", key=KEY)
    post = Post.objects.get()
    said = asked(office, f"/posts/{post.pk}/edit/", action="keep", version=post.version)
    assert (said["state"], said["version"]) == ("saved", post.version)


def test_what_somebody_is_asked_about_is_never_changed_without_a_click() -> None:
    office = make_office()
    make_rule(office.brand, "client")
    post = make_post(office.brand, [office.channel], by=office.mara)
    make_pack([post], by=office.mara)
    post.refresh_from_db()
    said = asked(office, f"/posts/{post.pk}/edit/", action="keep", version=post.version, text="Altro")
    assert said["state"] == "waits"
    post.refresh_from_db()
    assert (post.text, post.stage) == ("Stesso vino, abito nuovo.", PostStage.IN_REVIEW)


def test_keeping_never_overwrites_what_somebody_else_saved() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], by=office.mara)
    office.browser.post(f"/posts/{post.pk}/edit/", typed(office, version=post.version, text="La frase di Ed"))
    said = asked(office, f"/posts/{post.pk}/edit/", action="keep", version=post.version, text="La frase di Mara")
    assert said["state"] == "stale"
    assert Post.objects.get().text == "La frase di Ed"


def test_a_saved_answer_says_where_to_go_on_and_a_wrong_one_that_the_form_has_to_be_sent() -> None:
    office = make_office()
    assert asked(office, new(office), title="") == {"state": "again"}
    said = asked(office, new(office), action="next")
    assert said == {"state": "done", "address": f"{new(office)}?on={in_days(4):%Y-%m-%d}"}, "the next free day"
    assert Post.objects.count() == 1


def test_what_was_typed_before_the_session_ended_is_shown_again_and_not_saved() -> None:
    office = make_office()
    answer = office.browser.post(new(office), typed(office, action="restore", title="", text="Parole di prima"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Parole di prima" in page
    assert "What you had typed is here again" in page
    assert Post.objects.count() == 0


def marks(page: str) -> str:
    """Return the marks that a page carries."""
    return page.split('name="marks" value="')[1].split('"', maxsplit=1)[0].replace("&quot;", '"')


def test_of_two_editors_each_thing_is_chosen_and_what_was_not_touched_is_the_other_s() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], by=office.mara)
    address, wall = f"/posts/{post.pk}/edit/", {"on": f"{post.wall:%Y-%m-%d}", "at": f"{post.wall:%H:%M}"}
    mine = {**wall, "version": post.version, "marks": marks(office.browser.get(address).content.decode())}
    office.browser.post(address, typed(office, **mine, title="Il titolo di Ed", text="La frase di Ed"))
    page = office.browser.post(address, typed(office, **mine, text="La frase di Mara")).content.decode()
    assert 'name="take-title" value="theirs" checked' in page
    assert 'name="take-text" value="mine" checked' in page
    assert "take-kind" not in page
    taken = {"take-title": "theirs", "take-text": "mine", "version": post.version + 1}
    office.browser.post(address, typed(office, **{**mine, **taken}, text="La frase di Mara"))
    post.refresh_from_db()
    assert (post.title, post.text) == ("Il titolo di Ed", "La frase di Mara")


def test_the_text_that_a_channel_has_of_its_own_can_be_taken_over_too() -> None:
    office = make_office()
    post = make_post(office.brand, [office.channel], by=office.mara)
    address, key = f"/posts/{post.pk}/edit/", f"c{office.channel.pk}"
    theirs = {f"{key}-own": "on", f"{key}-text": "Di Ed, solo qui", f"{key}-part": ["Seconda"]}
    office.browser.post(address, typed(office, version=post.version, **theirs))
    page = office.browser.post(address, typed(office, version=post.version)).content.decode()
    assert "Di Ed, solo qui" in page
    taken = {f"take-{key}-text": "theirs", f"take-{key}-part": "theirs", "version": post.version + 1}
    office.browser.post(address, typed(office, **taken))
    assert [part.text for part in post.variants.get().parts.order_by("kind")] == ["Seconda", "Di Ed, solo qui"]
