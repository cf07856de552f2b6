"""Likes, notes, assignment, the soft lock, and that nothing takes a stranger's words away."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Role
from community import assignment, moderation, tasks
from community.models import Act, ActState, Comment, CommentVersion, Conversation, ModerationAct, Note
from community.retention import drop_expired_texts
from publisher.contract.errors import OutcomeUnknown, Rejected
from tests.community.fake import Scene
from tests.community.make_community import make_comment, make_thread
from tests.make import make_member

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = {"Comment", "CommentVersion", "Conversation", "Identity", "ModerationAct", "Note", "ReplyDraft"}


@pytest.mark.django_db
def test_a_like_is_asked_carried_out_once_and_can_be_taken_back(scene: Scene) -> None:
    comment = make_comment(make_thread())
    mo = make_member("Mo", comment.brand, Role.MODERATOR)
    act = moderation.like(comment, by=mo)
    assert moderation.like(comment, by=mo) == act
    tasks.perform_act(act.pk)
    tasks.perform_act(act.pk)
    assert scene.liked == [("like", comment.remote_id)]
    assert Comment.objects.get().liked_at is not None
    tasks.perform_act(moderation.unlike(comment, by=mo).pk)
    assert scene.liked[-1] == ("unlike", comment.remote_id)
    assert Comment.objects.get().liked_at is None
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "comment.liked",
        "comment.unliked",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("problem", "state"),
    [(Rejected("comment_gone"), ActState.FAILED), (OutcomeUnknown("answer_lost"), ActState.UNKNOWN)],
)
def test_a_like_that_fails_says_why(scene: Scene, problem: Rejected, state: str) -> None:
    comment = make_comment(make_thread())
    act = moderation.like(comment, by=make_member("Mo", comment.brand, Role.MODERATOR))
    scene.problem = problem
    tasks.perform_act(act.pk)
    act.refresh_from_db()
    assert (act.state, act.problem_code) == (state, problem.code)
    assert Comment.objects.get().liked_at is None


@pytest.mark.django_db
def test_a_like_whose_task_was_lost_is_found_by_the_sweep(scene: Scene) -> None:
    comment = make_comment(make_thread())
    act = moderation.like(comment, by=make_member("Mo", comment.brand, Role.MODERATOR))
    ModerationAct.objects.update(at=timezone.now() - timedelta(minutes=3))
    tasks.sweep()
    act.refresh_from_db()
    assert act.state == ActState.DONE


@pytest.mark.django_db
@pytest.mark.usefixtures("scene")
def test_only_who_may_answer_for_the_brand_can_be_given_a_conversation() -> None:
    thread = make_thread()
    mo = make_member("Mo", thread.brand, Role.MODERATOR)
    ed = make_member("Ed", thread.brand, Role.EDITOR)
    otto = make_member("Otto", make_thread().brand, Role.MODERATOR)
    assert list(assignment.colleagues(thread.brand)) == [mo]
    assignment.assign(thread, to=mo, by=ed)
    for stranger in (ed, otto):
        with pytest.raises(assignment.NotOfThisBrandError):
            assignment.assign(thread, to=stranger, by=mo)
    assert Conversation.objects.get(pk=thread.pk).assignee == mo
    assignment.assign(thread, to=None, by=mo)
    assert Conversation.objects.get(pk=thread.pk).assignee is None


@pytest.mark.django_db
@pytest.mark.usefixtures("scene")
def test_a_colleague_sees_who_is_writing_until_it_fades() -> None:
    thread = make_thread()
    mo, mara = (make_member(name, thread.brand, Role.MODERATOR) for name in ("Mo", "Mara"))
    assert assignment.start_writing(thread, by=mo)
    assert not assignment.start_writing(thread, by=mara)
    now = Conversation.objects.get(pk=thread.pk)
    assert assignment.writer_beside(now, me=mara) == mo
    assert assignment.writer_beside(now, me=mo) is None
    Conversation.objects.update(writing_until=timezone.now() - timedelta(seconds=1))
    assert assignment.writer_beside(Conversation.objects.get(pk=thread.pk), me=mara) is None
    assert assignment.start_writing(thread, by=mara)
    assignment.stop_writing(thread, by=mara)
    assert Conversation.objects.get(pk=thread.pk).writing_by is None


@pytest.mark.django_db
@pytest.mark.usefixtures("scene")
def test_a_note_is_kept_with_its_author_and_its_words_are_not_in_the_audit() -> None:
    thread = make_thread()
    mo = make_member("Mo", thread.brand, Role.MODERATOR)
    moderation.note(thread, by=mo, text="  Magazzino avvisato. ")
    assert Note.objects.get().text == "Magazzino avvisato."
    assert "Magazzino" not in str(AuditEntry.objects.get().data)


@pytest.mark.django_db
@pytest.mark.usefixtures("scene")
def test_words_go_when_the_terms_say_so_and_the_row_stays() -> None:
    now = timezone.now()
    comment = make_comment(make_thread(), text_until=now - timedelta(seconds=1), html="<p>Buongiorno.</p>")
    other = make_comment(make_thread(remote_id="other"), text_until=now + timedelta(days=1))
    CommentVersion.objects.create(comment=comment, number=1, text="Prima", seen_at=now, text_until=now)
    assert drop_expired_texts(now=now) == 2
    comment.refresh_from_db()
    assert (comment.text, comment.html, CommentVersion.objects.get().text) == ("", "", "")
    other.refresh_from_db()
    assert other.text == "Buongiorno."


def test_there_is_no_act_that_deletes() -> None:
    assert set(Act.values) == {"like", "unlike", "hide", "show", "mute", "unmute", "report"}


def test_no_code_deletes_what_people_said() -> None:
    """Nothing above the publisher calls a deletion, and no adapter asks a platform for one of somebody else's words."""
    found = []
    for package in ("community", "calendar_app"):
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            source = path.read_text(encoding="utf-8")
            if package == "calendar_app" and not any(name in source for name in KEPT - {"Note"}):
                continue
            found += [f"{path}:{node.lineno}" for node in ast.walk(ast.parse(source)) if _deletes(node)]
    for path in (ROOT / "publisher" / "platforms").rglob("comments.py"):
        assert "DELETE" not in path.read_text(encoding="utf-8"), path
    assert not found, found


def _deletes(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in {"delete", "_raw_delete", "adelete"}
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "DELETE FROM" in node.value.upper()
