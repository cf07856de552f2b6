"""The pages of hiding, muting and reporting, and what a listing leaves out: nothing is called gone that is there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit_words import VERBS
from accounts.models import AuditEntry, Role, User
from community import moderation
from community.models import Comment, Conversation, Visibility
from community.sentences import REASONS
from publisher.contract.base import REPORT_REASONS
from tests.community.fake import Scene
from tests.community.make_community import make_comment, make_fake_channel, make_thread, read
from tests.community.make_deeds import RULE, browser_of, done, make_mo, make_rude_comment, now_at
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def comment(scene: Scene) -> Comment:
    return make_rude_comment()


@pytest.fixture
def mo(comment: Comment) -> User:
    return make_mo(comment)


# The pages

DEEDS = [
    ("comment_hide", {"rule": RULE}, "comment.hidden"),
    ("comment_show", {}, "comment.shown"),
    ("comment_mute", {"what": "person"}, "person.muted"),
    ("comment_unmute", {"what": "thread"}, "conversation.unmuted"),
    ("comment_report", {"reason": "spam", "words": "Pubblicità"}, "comment.reported"),
]


@pytest.mark.parametrize(("name", "values", "verb"), DEEDS, ids=[deed[0] for deed in DEEDS])
def test_every_deed_leaves_one_trace_and_needs_the_right_role_in_the_right_brand(
    comment: Comment, mo: User, name: str, values: dict[str, str], verb: str
) -> None:
    address = reverse(name, args=[comment.pk])
    ed = make_member("Ed", comment.brand, Role.EDITOR)
    otto = make_member("Otto", make_brand(), Role.MANAGER)
    assert browser_of(otto).post(address, values).status_code == 404
    assert browser_of(ed).post(address, values).status_code == 403
    assert Client().post(address, values).status_code == 302
    assert not AuditEntry.objects.filter(verb=verb).exists()
    response = browser_of(mo).post(address, values)
    assert response["Location"].endswith(f"#m{comment.pk}")
    assert AuditEntry.objects.get(verb=verb).actor == mo
    assert browser_of(mo).get(address).status_code == 405


def test_the_forms_ask_for_rule_and_reason_and_come_back_with_what_was_typed(comment: Comment, mo: User) -> None:
    client, page = browser_of(mo), reverse("conversation", args=[comment.conversation_id])
    html = client.get(page).content.decode()
    for act, field in (("hide", 'name="rule"'), ("mute", 'value="thread"'), ("report", 'name="reason"')):
        assert f"act={act}&amp;to={comment.pk}#answer" in html
        assert field in client.get(page, {"act": act, "to": comment.pk}).content.decode()
    refused = client.post(reverse("comment_report", args=[comment.pk]), {"reason": "", "words": "Pubblicità “vera”"})
    assert refused.status_code == 422
    assert "Pubblicità “vera”</textarea>" in refused.content.decode()
    assert "Say what the report is about." in refused.content.decode()
    assert client.post(reverse("comment_hide", args=[comment.pk])).status_code == 422


@pytest.mark.parametrize("asked", [{"act": "hide", "to": "x"}, {"act": "erase", "to": "1"}, {"act": "hide"}])
def test_an_address_that_asks_for_no_deed_shows_the_answer_box(
    comment: Comment, mo: User, asked: dict[str, str]
) -> None:
    html = browser_of(mo).get(reverse("conversation", args=[comment.conversation_id]), asked).content.decode()
    assert 'id="answer-text"' in html


def test_a_form_for_a_comment_of_elsewhere_does_not_exist(comment: Comment, mo: User) -> None:
    foreign = make_comment(make_thread(make_fake_channel(platform="able"), "elsewhere"), "Altrove")
    page = reverse("conversation", args=[comment.conversation_id])
    html = browser_of(mo).get(page, {"act": "hide", "to": foreign.pk}).content.decode()
    assert "Altrove" not in html
    assert browser_of(mo).post(reverse("comment_hide", args=[foreign.pk]), {"rule": RULE}).status_code == 404


def test_an_editor_sees_what_was_done_and_can_do_nothing(comment: Comment, mo: User) -> None:
    done(moderation.hide(comment, by=mo, rule=RULE))
    ed = make_member("Ed", comment.brand, Role.EDITOR, language="en")
    page = reverse("conversation", args=[comment.conversation_id])
    html = browser_of(ed).get(page, {"act": "hide", "to": comment.pk}).content.decode()
    assert "Hidden by <b>Mo</b>" in html
    assert not [words for words in ("Show again", "Mute…", 'name="rule"') if words in html]


def test_every_deed_and_reason_has_its_words() -> None:
    assert {*moderation.VERBS.values(), "comment.reported"} <= set(VERBS)
    assert set(REASONS) == set(REPORT_REASONS)


def test_links_lead_where_they_say_and_nothing_else_of_the_markup_is_left(comment: Comment, mo: User) -> None:
    html = '<p>Guarda <a href="https://havn.example/x" onclick="y">qui</a><br>e <a href="javascript:z">là</a><b>!</b></p>'
    Comment.objects.filter(pk=comment.pk).update(html=html)
    page = browser_of(mo).get(reverse("conversation", args=[comment.conversation_id])).content.decode()
    link = '<a href="https://havn.example/x" rel="nofollow ugc noopener noreferrer" target="_blank">qui</a>'
    assert f"Guarda {link}\ne là!</p>" in page


def test_a_comment_without_words_is_described(comment: Comment, mo: User) -> None:
    media = [{"type": kind, "description": f"«{kind}»"} for kind in ("image", "video", "quote", "link")]
    Comment.objects.filter(pk=comment.pk).update(text="", extra={"media": media, "labels": ["spam", "rude"]})
    Conversation.objects.update(newest_text="")
    html = browser_of(mo).get(reverse("conversation", args=[comment.conversation_id])).content.decode()
    assert html.count("No words: only what is attached.") == 2
    for words in ("With a picture: «image»", "With a video: «video»", "Quotes «quote»", "With a link: «link»"):
        assert words in html
    assert "The network’s moderators call it: spam, rude" in html


# Not listed is not gone


def test_what_a_listing_leaves_out_is_asked_for_before_it_is_called_gone(comment: Comment, scene: Scene) -> None:
    root = comment.conversation.root_remote_id
    scene.is_whole, scene.there = False, {"c1"}
    make_comment(comment.conversation, "Cancellato", remote_id="c2")
    Comment.objects.update(fetched_at=timezone.now() - timedelta(minutes=1))
    scene.says("c3", "Nuovo", under=root)
    assert read(comment.conversation).vanished == 1
    assert now_at(comment).visibility == Visibility.VISIBLE
    gone = Comment.objects.get(remote_id="c2")
    assert (gone.visibility, gone.text, gone.versions.count()) == (Visibility.VANISHED, "Cancellato", 1)
    scene.looked_up.clear()
    read(comment.conversation)
    assert scene.looked_up == []  # nothing changed since


def test_what_the_platform_says_is_closed_to_us_has_vanished_and_comes_back(comment: Comment, scene: Scene) -> None:
    root = comment.conversation.root_remote_id
    scene.is_whole, scene.there = False, {"c1", "c3"}
    Comment.objects.update(fetched_at=timezone.now() - timedelta(minutes=1))
    scene.says("c3", "Nuovo", under=root)
    scene.gone = ("c1",)
    assert read(comment.conversation).vanished == 1
    scene.gone = ()
    scene.says("c1", comment.text, under=root)
    read(comment.conversation)
    assert now_at(comment).visibility == Visibility.VISIBLE
