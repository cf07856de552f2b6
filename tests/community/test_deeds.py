"""Hiding under a rule, muting, reporting: who may, what is kept, and that a report never leaves twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Role, User
from community import moderation, retention, tasks
from community.models import ActState, Comment, Conversation, Identity, ModerationAct, Visibility
from community.moderation import CannotActError
from community.sentences import SENTENCES
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.models import Profile
from tests.community.fake import Scene
from tests.community.make_community import make_comment, make_fake_channel, make_thread, read
from tests.community.make_deeds import RULE, browser_of, done, make_mo, make_rude_comment, now_at
from tests.make import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def comment(scene: Scene) -> Comment:
    return make_rude_comment()


@pytest.fixture
def mo(comment: Comment) -> User:
    return make_mo(comment)


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
