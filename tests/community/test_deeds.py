"""Hiding under a rule, muting, reporting: who may, what is kept, and that a report never leaves twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit_words import VERBS
from accounts.models import AuditEntry, Role, User
from community import moderation, retention, tasks
from community.models import ActState, Comment, Conversation, Identity, ModerationAct, Visibility
from community.moderation import CannotActError
from community.sentences import REASONS, SENTENCES
from publisher.contract.base import REPORT_REASONS
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.models import Profile
from tests.community.fake import Scene
from tests.community.make_community import make_comment, make_fake_channel, make_thread, read
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db
RULE = "Niente insulti"


@pytest.fixture
def comment(scene: Scene) -> Comment:
    """A stranger's comment on a platform that can do everything."""
    thread = make_thread(make_fake_channel(platform="able"))
    return make_comment(thread, "Siete dei ladri", name="Paolo", remote_id="c1", extra={"cid": "x"})


@pytest.fixture
def mo(comment: Comment) -> User:
    return make_member("Mo", comment.brand, Role.MODERATOR, language="en")


def done(act: ModerationAct) -> ModerationAct:
    """Let the worker do what was asked."""
    tasks.perform_act(act.pk)
    return ModerationAct.objects.get(pk=act.pk)


def now_at(comment: Comment) -> Comment:
    return Comment.objects.select_related("conversation", "identity").get(pk=comment.pk)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# Hiding


def test_hiding_asks_for_a_rule_and_keeps_what_stood_there(comment: Comment, mo: User, scene: Scene) -> None:
    for nothing in ("", "   "):
        with pytest.raises(CannotActError, match="rule_missing"):
            moderation.hide(comment, by=mo, rule=nothing)
    assert not ModerationAct.objects.exists()
    act = done(moderation.hide(comment, by=mo, rule=f" {RULE} "))
    assert (act.state, act.rule, act.by) == (ActState.DONE, RULE, mo)
    assert (act.snapshot["text"], act.snapshot["handle"]) == ("Siete dei ladri", "@paolo")
    assert act.snapshot["at"] == comment.remote_at.isoformat()
    assert scene.asked == [("hide", "c1")]
    entry = AuditEntry.objects.get(verb="comment.hidden")
    assert (entry.actor, entry.data) == (mo, {"rule": RULE})


def test_a_hidden_comment_stays_with_its_words_and_waits_for_nobody(comment: Comment, mo: User) -> None:
    assert Conversation.objects.get(pk=comment.conversation_id).unanswered_count == 1
    done(moderation.hide(comment, by=mo, rule=RULE))
    assert (now_at(comment).visibility, now_at(comment).text) == (Visibility.HIDDEN, "Siete dei ladri")
    assert now_at(comment).conversation.unanswered_count == 0
    done(moderation.show(comment, by=mo))
    assert now_at(comment).visibility == Visibility.VISIBLE
    assert now_at(comment).conversation.unanswered_count == 1


def test_the_page_says_who_hid_it_when_and_under_which_rule(comment: Comment, mo: User) -> None:
    done(moderation.hide(comment, by=mo, rule=RULE))
    html = browser_of(mo).get(reverse("conversation", args=[comment.conversation_id])).content.decode()
    assert "Hidden by <b>Mo</b>" in html
    assert f"<q>{RULE}</q>" in html
    assert "Siete dei ladri" in html
    assert reverse("comment_show", args=[comment.pk]) in html


def test_what_was_hidden_on_the_platform_itself_is_said_so(comment: Comment, mo: User) -> None:
    Comment.objects.filter(pk=comment.pk).update(visibility=Visibility.HIDDEN)
    html = browser_of(mo).get(reverse("conversation", args=[comment.conversation_id])).content.decode()
    assert "Hidden on the platform itself, not from here." in html


def test_an_index_that_lags_does_not_show_again_what_was_just_hidden(comment: Comment, mo: User, scene: Scene) -> None:
    scene.says("c1", comment.text, under=comment.conversation.root_remote_id)
    done(moderation.hide(comment, by=mo, rule=RULE))
    read(comment.conversation)
    assert now_at(comment).visibility == Visibility.HIDDEN
    ModerationAct.objects.update(at=timezone.now() - timedelta(minutes=1))
    read(comment.conversation)
    assert now_at(comment).visibility == Visibility.VISIBLE


def test_the_words_in_a_snapshot_go_when_the_terms_say_so(comment: Comment, mo: User) -> None:
    act = moderation.hide(comment, by=mo, rule=RULE)
    retention.drop_expired_texts(now=timezone.now())
    assert "text" in ModerationAct.objects.get(pk=act.pk).snapshot
    Comment.objects.filter(pk=comment.pk).update(text_until=timezone.now() - timedelta(seconds=1))
    retention.drop_expired_texts(now=timezone.now())
    kept = ModerationAct.objects.get(pk=act.pk)
    assert ("text" in kept.snapshot, kept.rule, kept.snapshot["handle"]) == (False, RULE, "@paolo")


# Muting


def test_a_muted_person_still_comes_in_and_waits_for_nobody(comment: Comment, mo: User, scene: Scene) -> None:
    done(moderation.mute(comment, by=mo, what="person"))
    assert scene.asked == [("mute_person", "paolo")]
    paolo = Identity.objects.get(remote_id="paolo")
    assert paolo.muted_at is not None
    moderation.mark_handled(comment, by=mo)
    root = comment.conversation.root_remote_id
    writer = scene.person(paolo)
    for words in ("Ancora io", "E ancora"):
        scene.says(words, words, by=writer, under=root)
        read(comment.conversation)
    assert Comment.objects.count() == 3
    assert now_at(comment).conversation.unanswered_count == 0
    done(moderation.unmute(comment, by=mo, what="person"))
    scene.says("c9", "Adesso?", by=writer, under=root)
    read(comment.conversation)
    assert now_at(comment).conversation.unanswered_count == 1


def test_a_muted_person_who_takes_another_name_stays_muted(comment: Comment, mo: User, scene: Scene) -> None:
    done(moderation.mute(comment, by=mo, what="person"))
    writer = scene.person(Identity.objects.get(remote_id="paolo"), name="Un altro nome")
    scene.says("c2", "Ancora io", by=writer, under=comment.conversation.root_remote_id)
    read(comment.conversation)
    assert Comment.objects.get(remote_id="c2").handled_at is not None
    assert Identity.objects.get(remote_id="paolo").muted_at is not None


def test_a_muted_conversation_waits_for_nobody_until_it_is_heard_again(
    comment: Comment, mo: User, scene: Scene
) -> None:
    root = comment.conversation.root_remote_id
    done(moderation.mute(comment, by=mo, what="thread"))
    assert scene.asked == [("mute_thread", root)]
    scene.says("c2", "Che noia", under=root)
    read(Conversation.objects.get(pk=comment.conversation_id))
    assert Comment.objects.get(remote_id="c2").handled_at is not None
    done(moderation.unmute(comment, by=mo, what="thread"))
    assert now_at(comment).conversation.muted_at is None
    with pytest.raises(CannotActError, match="channel_cannot_do_this"):
        moderation.mute(comment, by=mo, what="everything")


def test_one_muting_at_a_time_is_asked_about_a_comment(comment: Comment, mo: User) -> None:
    act = moderation.mute(comment, by=mo, what="person")
    assert moderation.mute(comment, by=mo, what="person") == act
    with pytest.raises(CannotActError, match="act_on_its_way"):
        moderation.mute(comment, by=mo, what="thread")


# Reporting


@pytest.mark.both_databases
def test_a_report_goes_once_with_reason_and_words(comment: Comment, mo: User, scene: Scene) -> None:
    act = moderation.report(comment, by=mo, reason="rude", words="Insulti ai colleghi")
    for _ in range(2):
        done(act)
    assert scene.asked == [("report rude: Insulti ai colleghi", "c1")]
    with pytest.raises(CannotActError, match="reported_already"):
        moderation.report(comment, by=mo, reason="spam", words="Di nuovo")
    entry = AuditEntry.objects.get(verb="comment.reported")
    assert entry.data == {"rule": "Insulti ai colleghi", "reason": "rude"}


@pytest.mark.parametrize("reason", ["", "whatever"])
def test_a_report_needs_a_reason_and_words(comment: Comment, mo: User, reason: str) -> None:
    with pytest.raises(CannotActError, match="reason_missing"):
        moderation.report(comment, by=mo, reason=reason, words="x")
    with pytest.raises(CannotActError, match="report_empty"):
        moderation.report(comment, by=mo, reason="spam", words=" ")
    with pytest.raises(CannotActError, match="words_too_long"):
        moderation.report(comment, by=mo, reason="spam", words="x" * 301)


def test_a_report_whose_answer_was_lost_is_said_and_never_sent_again(comment: Comment, mo: User, scene: Scene) -> None:
    scene.problem = OutcomeUnknown("answer_lost")
    act = done(moderation.report(comment, by=mo, reason="rude", words="Insulti"))
    assert act.state == ActState.UNKNOWN
    scene.problem = None
    ModerationAct.objects.update(at=timezone.now() - timedelta(hours=1))
    tasks.sweep()
    tasks.perform_act(act.pk)
    assert scene.asked == []
    html = browser_of(mo).get(reverse("conversation", args=[comment.conversation_id])).content.decode()
    assert "We do not know whether it arrived. It is not sent a second time." in html
    with pytest.raises(CannotActError, match="reported_already"):
        moderation.report(comment, by=mo, reason="rude", words="Insulti")


@pytest.mark.both_databases
def test_a_worker_that_dies_over_a_report_leaves_a_doubt_not_a_second_report(
    comment: Comment, mo: User, scene: Scene
) -> None:
    act = moderation.report(comment, by=mo, reason="rude", words="Insulti")
    scene.crash = True
    with pytest.raises(KeyboardInterrupt):
        tasks.perform_act(act.pk)
    scene.crash = False
    assert len(scene.asked) == 1
    ModerationAct.objects.update(at=timezone.now() - timedelta(hours=1))
    tasks.sweep()
    assert len(scene.asked) == 1
    assert ModerationAct.objects.get().state == ActState.UNKNOWN


def test_a_report_that_surely_did_not_leave_is_tried_again(comment: Comment, mo: User, scene: Scene) -> None:
    scene.problem = Unavailable("server_busy")
    act = done(moderation.report(comment, by=mo, reason="rude", words="Insulti"))
    assert (act.state, act.problem_code) == (ActState.ASKED, "server_busy")
    scene.problem = None
    ModerationAct.objects.update(at=timezone.now() - timedelta(minutes=5))
    tasks.sweep()
    assert ModerationAct.objects.get().state == ActState.DONE
    assert len(scene.asked) == 1


def test_a_report_that_was_refused_may_be_written_anew(comment: Comment, mo: User, scene: Scene) -> None:
    scene.problem = Rejected("refused")
    assert done(moderation.report(comment, by=mo, reason="rude", words="Insulti")).state == ActState.FAILED
    scene.problem = None
    assert done(moderation.report(comment, by=mo, reason="rude", words="Insulti")).state == ActState.DONE


# What goes wrong


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (Rejected("comment_gone"), ActState.FAILED),
        (SignIn("token_refused"), ActState.FAILED),
        (OutcomeUnknown("answer_lost"), ActState.UNKNOWN),
        (Unavailable("rate_limited"), ActState.ASKED),
    ],
)
def test_a_comment_that_is_not_surely_hidden_is_not_called_hidden(
    comment: Comment, mo: User, scene: Scene, problem: AdapterError, state: str
) -> None:
    scene.problem = problem
    act = done(moderation.hide(comment, by=mo, rule=RULE))
    assert (act.state, act.problem_code) == (state, problem.code)
    assert now_at(comment).visibility == Visibility.VISIBLE
    html = browser_of(mo).get(reverse("conversation", args=[comment.conversation_id])).content.decode()
    assert "<b>Hide:</b>" in html


def test_what_the_platform_puts_off_is_done_later_and_given_up_after_a_day(
    comment: Comment, mo: User, scene: Scene
) -> None:
    scene.problem = Unavailable("server_busy")
    act = done(moderation.hide(comment, by=mo, rule=RULE))
    ModerationAct.objects.update(at=timezone.now() - timedelta(minutes=5))
    Profile.objects.update(paused_until=timezone.now() + timedelta(minutes=5))
    scene.problem = None
    tasks.sweep()
    assert ModerationAct.objects.get().state == ActState.ASKED
    ModerationAct.objects.update(at=timezone.now() - timedelta(days=2))
    tasks.sweep()
    act = ModerationAct.objects.get()
    assert (act.state, act.problem_code in SENTENCES) == (ActState.FAILED, True)
    assert scene.asked == []


def test_a_session_that_ran_out_is_renewed_in_the_middle_of_the_deed(
    comment: Comment, mo: User, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[Any] = []
    monkeypatch.setattr("community.deeds.note_expired", noted.append)
    scene.once = Unavailable("token_expired")
    assert done(moderation.hide(comment, by=mo, rule=RULE)).state == ActState.DONE
    assert (len(noted), scene.asked) == (1, [("hide", "c1")])


def test_nothing_is_offered_or_done_where_the_platform_cannot(scene: Scene) -> None:
    plain = make_comment(make_thread(make_fake_channel()))
    mo = make_member("Mo", plain.brand, Role.MODERATOR, language="en")
    for ask in (
        lambda: moderation.hide(plain, by=mo, rule=RULE),
        lambda: moderation.mute(plain, by=mo, what="person"),
        lambda: moderation.report(plain, by=mo, reason="spam", words="x"),
    ):
        with pytest.raises(CannotActError, match="channel_cannot_do_this"):
            ask()
    html = browser_of(mo).get(reverse("conversation", args=[plain.conversation_id])).content.decode()
    assert not [words for words in ("Hide…", "Mute…", "Report…") if words in html]
    assert scene.asked == []


def test_our_own_words_and_what_has_vanished_are_left_alone(comment: Comment, mo: User) -> None:
    Comment.objects.filter(pk=comment.pk).update(visibility=Visibility.VANISHED)
    with pytest.raises(CannotActError, match="comment_vanished"):
        moderation.hide(now_at(comment), by=mo, rule=RULE)
    Comment.objects.filter(pk=comment.pk).update(visibility=Visibility.VISIBLE, direction="outbound")
    with pytest.raises(CannotActError, match="comment_is_ours"):
        moderation.report(now_at(comment), by=mo, reason="spam", words="x")


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
    assert html.count("No words: only what hangs on it.") == 2
    for words in ("With a picture: «image»", "With a video: «video»", "Quotes «quote»", "With a link: «link»"):
        assert words in html
    assert "The network’s watchers call it: spam, rude" in html


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
