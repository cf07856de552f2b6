"""Tasks take ids only, and each that may be lost has a sweep that finds what it forgot."""

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone
from django_q.models import OrmQ, Task
from django_q.signing import SignedPackage

import accounts.tasks
import calendar_app.tasks
import community.tasks
import publisher.tasks
from accounts.models import MailState, OutgoingMail, Role
from calendar_app.models import Alert, PlanUpload, Post
from community import moderation, replies
from community.models import Comment, Conversation, ModerationAct
from config.broker import OrmBroker
from config.clusters import LONG, NAME
from publisher.channels import lose
from publisher.clock.keeper import SWEEPS
from publisher.models import Publication, Stream
from publisher.streams import follow
from tests.calendar_app.test_deliveries import out_of_the_door
from tests.community.conftest import scene  # noqa: F401  (the platform that the community's tests speak to)
from tests.community.make_community import make_comment, make_fake_channel, make_thread
from tests.config.test_queue import letter
from tests.make import make_member
from tests.publisher.driving import make_clock
from tests.publisher.make_publisher import make_channel, make_publication, make_waiting, now

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "publisher", "calendar_app", "community", "config")
MODULES = ("accounts.tasks", "publisher.tasks", "calendar_app.tasks", "community.tasks")
ROUTING = {"cluster"}


def task_functions() -> dict[str, Callable[..., object]]:
    """Every task by its whole name."""
    found = {}
    for name in MODULES:
        module = import_module(name)
        for short, one in inspect.getmembers(module, inspect.isfunction):
            if one.__module__ == name and not short.startswith("_") and short != "to_long":
                found[f"{name}.{short}"] = one
    return found


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of ``async_task`` in the product, with its place."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "async_task":
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_every_task_takes_ids_and_nothing_else() -> None:
    for name, one in task_functions().items():
        for parameter in inspect.signature(one).parameters.values():
            assert parameter.name.endswith("_id"), f"{name}({parameter.name})"
            assert parameter.annotation is int, f"{name}({parameter.name})"


def test_every_call_names_a_task_that_exists_and_hands_over_ids() -> None:
    known = set(task_functions())
    found = list(calls())
    assert len(found) > 8
    for place, call in found:
        first, *others = call.args
        if isinstance(first, ast.Constant):
            assert first.value in known, place
        else:
            assert isinstance(first, ast.Name), place  # a loop over SWEEPS, tested below
        for value in others:
            last = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
            assert last == "pk" or last.endswith("_id"), f"{place}: {ast.unparse(value)}"
        assert {word.arg for word in call.keywords} <= ROUTING | {None}, place


def test_a_queue_that_is_away_after_the_commit_breaks_no_act() -> None:
    """The row is stored; whoever did it sees it done, and the sweep finds what was not handed over."""
    found = 0
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                is_commit = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "on_commit"
                if is_commit and "async_task" in ast.unparse(node):
                    found += 1
                    assert "robust=True" in ast.unparse(node), f"{path.relative_to(ROOT)}:{node.lineno}"
    assert found


@pytest.mark.django_db
def test_a_broker_that_dies_between_commit_and_push_costs_a_delay(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    def gone(*_words: object, **_more: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(OrmBroker, "enqueue", gone)
        patched.setattr("django_q.brokers.redis_broker.Redis.enqueue", gone, raising=False)
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]  # pytest-django's fixture
            row = letter("mara@example.test")
    assert OutgoingMail.objects.get(pk=row.pk).state == MailState.WAITING
    OutgoingMail.objects.filter(pk=row.pk).update(next_at=now())
    assert accounts.tasks.sweep_letters() == 1
    accounts.tasks.send_letter(row.pk)
    accounts.tasks.send_letter(row.pk)
    assert len(mail.outbox) == 1
    assert OutgoingMail.objects.get(pk=row.pk).state == MailState.SENT


def test_the_sweeps_that_clock_and_queue_wake_are_tasks_without_arguments() -> None:
    known = task_functions()
    for name in SWEEPS:
        assert not inspect.signature(known[name]).parameters


@dataclass(frozen=True)
class Lost:
    """A task that was lost: what it leaves behind, what finds it, and how one sees that it was found."""

    leave: Callable[[], object]
    sweep: Callable[[], object]
    is_found: Callable[[], object]


def keeper_rings() -> None:
    make_clock().keeper.ring()


def queued() -> list[str]:
    return [SignedPackage.loads(row.payload)["func"] for row in OrmQ.objects.order_by("pk")]


def leave_letter() -> None:
    row = letter("mara@example.test")
    OutgoingMail.objects.filter(pk=row.pk).update(next_at=now())


def leave_preflight() -> None:
    make_waiting(make_channel(platform="fake"), due_at=now() + timedelta(minutes=9))
    keeper_rings()
    OrmQ.objects.all().delete()
    Publication.objects.update(prepare_next_at=now())


def leave_stream() -> None:
    follow(make_publication(state="published", remote_id="115"))
    keeper_rings()
    OrmQ.objects.all().delete()
    Stream.objects.update(next_at=now())


def leave_delivery() -> None:
    _post, row, _ed = out_of_the_door()
    Publication.objects.filter(pk=row.pk).update(state="missed", state_at=timezone.now())


def leave_trouble() -> None:
    _post, row, _ed = out_of_the_door()
    due_at = now() + timedelta(minutes=8)
    Publication.objects.filter(pk=row.pk).update(problem_code="server_not_reached", due_at=due_at)


def leave_lost_channel() -> None:
    channel = make_channel()
    make_member("Mara", channel.brand, Role.MANAGER)
    lose(channel.connection_id, code="token_refused")


def leave_upload() -> None:
    brand = make_channel().brand
    asked = {"state": "asked", "asked_at": timezone.now() - timedelta(minutes=2)}
    PlanUpload.objects.create(brand=brand, name="plan.csv", data=b"", sha256="0" * 64, **asked)


def leave_outcome() -> None:
    make_publication(make_fake_channel(), state="published", remote_id="root2", published_at=now())


def leave_failed_answer() -> None:
    comment = make_comment(make_thread())
    draft = replies.answer(comment, by=make_member("Mo", comment.brand, Role.MODERATOR), text="Ci dispiace molto.")
    later = timezone.now() + timedelta(seconds=1)
    Publication.objects.filter(pk=draft.publication_id).update(state="failed", state_at=later)


def leave_act() -> None:
    comment = make_comment(make_thread())
    moderation.like(comment, by=make_member("Mo", comment.brand, Role.MODERATOR))
    ModerationAct.objects.update(at=timezone.now() - timedelta(minutes=3))


def leave_housekeeping() -> None:
    cache.clear()


LOST = {
    "accounts.tasks.send_letter": [
        Lost(leave_letter, accounts.tasks.sweep_letters, lambda: "accounts.tasks.send_letter" in queued())
    ],
    "publisher.tasks.preflight": [Lost(leave_preflight, keeper_rings, lambda: queued() == ["publisher.tasks.preflight"])],
    "publisher.tasks.keep_house": [
        Lost(leave_housekeeping, publisher.tasks.sweep, lambda: "publisher.tasks.keep_house" in queued())
    ],
    "community.tasks.sync_stream": [
        Lost(leave_stream, keeper_rings, lambda: "community.tasks.sync_stream" in queued())
    ],
    "community.tasks.note_outcome": [
        Lost(leave_outcome, community.tasks.sweep, Conversation.objects.exists),
        Lost(leave_failed_answer, community.tasks.sweep, lambda: Comment.objects.get().handled_at is None),
    ],
    "community.tasks.perform_act": [
        Lost(leave_act, community.tasks.sweep, lambda: ModerationAct.objects.get().state == "done")
    ],
    "calendar_app.tasks.note_delivery": [
        Lost(leave_delivery, calendar_app.tasks.sweep, lambda: Alert.objects.filter(kind="missed").exists())
    ],
    "calendar_app.tasks.note_trouble": [
        Lost(leave_trouble, calendar_app.tasks.sweep, lambda: Alert.objects.filter(kind="troubled").exists())
    ],
    "calendar_app.tasks.bring_in_upload": [
        Lost(leave_upload, calendar_app.tasks.sweep, lambda: "calendar_app.tasks.bring_in_upload" in queued())
    ],
    "calendar_app.tasks.note_lost": [
        Lost(leave_lost_channel, calendar_app.tasks.sweep, lambda: Alert.objects.filter(kind="lost").exists())
    ],
}
RECURRING = {*SWEEPS, "publisher.tasks.canary", "publisher.tasks.look_after_the_clock"}


def test_every_task_recurs_by_itself_or_stands_in_the_table_of_what_is_found() -> None:
    assert set(task_functions()) == RECURRING | set(LOST)


@pytest.mark.django_db
@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("lost", [pytest.param(one, id=name) for name, many in LOST.items() for one in many])
def test_what_a_lost_task_forgot_is_found_by_its_sweep(lost: Lost) -> None:
    lost.leave()
    assert not lost.is_found(), "nothing has told it yet"
    lost.sweep()
    assert lost.is_found()
    before = (OutgoingMail.objects.count(), Post.objects.values_list("feed_sequence", flat=True).first())
    lost.sweep()
    assert before == (OutgoingMail.objects.count(), Post.objects.values_list("feed_sequence", flat=True).first())


@pytest.mark.django_db
def test_housekeeping_forgets_tasks_that_are_long_over_and_goes_where_long_work_goes() -> None:
    for number, days in enumerate((1, 15, 400)):
        Task.objects.create(
            id=f"{number:032}", name="x", func="x", started=now(), stopped=now() - timedelta(days=days), success=number == 1
        )
    publisher.tasks.keep_house()
    assert list(Task.objects.values_list("id", flat=True)) == ["0".zfill(32)]
    for long_workers, key in ((0, NAME), (1, LONG)):
        cache.clear()
        with override_settings(LONG_WORKERS=long_workers):
            publisher.tasks.sweep()
            publisher.tasks.sweep()
        assert OrmQ.objects.get().key == key, "once an hour"
        OrmQ.objects.all().delete()
