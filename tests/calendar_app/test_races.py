"""Two people at the same moment, in threads with connections of their own, on both databases."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.models import Role
from calendar_app import approval
from calendar_app.approval import approve, withdraw
from calendar_app.asking import open_next
from calendar_app.drafting import PostChanges, save_post
from calendar_app.imports import bring_in, read_plan
from calendar_app.models import Approval, Pack, Post
from calendar_app.refusals import Refusal, Stale
from publisher.models import Publication
from tests.calendar_app.make_plan import (
    asked,
    in_days,
    link_to,
    make_channel,
    make_client,
    make_pack,
    make_post,
    make_rule,
)
from tests.make import make_brand, make_member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

ROUNDS = 3


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same moment; return results, or what was raised."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            results[place] = act()
        except Exception as error:  # noqa: BLE001  (handed to the test, which judges it)
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


class Asked:
    """A post on two channels about which one client is asked."""

    def __init__(self) -> None:
        self.brand = make_brand()
        make_rule(self.brand, "client")
        self.cleo = make_client(self.brand)
        self.post = make_post(self.brand, [make_channel(self.brand, "uno"), make_channel(self.brand, "due")])
        pack = make_pack([self.post])
        self.question, self.link = asked(pack, self.cleo)[0], link_to(pack, self.cleo)

    def edit(self, text: str = "Altro.") -> Post:
        return save_post(self.post, version=1, by=None, changes=PostChanges(text=text))

    def approve(self) -> Approval:
        return approve(self.question, by=self.cleo, digest=self.question.revision.digest, link=self.link).approval

    def withdraw(self) -> Any:
        return withdraw(self.question, by=self.cleo, link=self.link)

    def stage(self) -> str:
        return Post.objects.get(pk=self.post.pk).stage

    def states(self) -> list[str]:
        return list(Publication.objects.filter(origin_key=self.post.key).values_list("state", flat=True))


def test_an_edit_and_an_approval_at_once_leave_nothing_unapproved_on_its_way() -> None:
    for _ in range(ROUNDS):
        case = Asked()

        results = at_once(case.edit, case.approve)

        assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, Refusal)]
        assert case.stage() == "draft"
        assert set(case.states()) <= {"canceled"}
        assert Approval.objects.get(pk=case.question.pk).state == "void"


def test_two_approvals_at_once_schedule_once() -> None:
    for _ in range(ROUNDS):
        case = Asked()

        results = at_once(case.approve, case.approve)

        assert not [one for one in results if isinstance(one, Exception)]
        assert case.states() == ["waiting", "waiting"]


def test_two_saves_at_once_tell_the_second_one() -> None:
    for _ in range(ROUNDS):
        case = Asked()

        results = at_once(partial(case.edit, "Uno."), partial(case.edit, "Due."))

        assert sorted(type(one).__name__ for one in results) == ["Post", "Stale"]
        (stale,) = [one for one in results if isinstance(one, Stale)]
        assert stale.current.version == 2


def test_a_withdrawal_and_an_edit_at_once_both_take_back() -> None:
    for _ in range(ROUNDS):
        case = Asked()
        case.approve()

        at_once(case.withdraw, case.edit)

        assert set(case.states()) == {"canceled"}
        assert case.stage() == "draft"


def test_the_last_two_decisions_of_a_pack_at_once_ask_the_client_about_both(monkeypatch: pytest.MonkeyPatch) -> None:
    brand = make_brand()
    make_rule(brand, "internal_client")
    mara = make_member("Mara", brand, Role.MANAGER)
    make_client(brand)
    channel = make_channel(brand, "uno")
    pack = make_pack([make_post(brand, [channel], title=title) for title in ("uno", "due")])
    both_decided = threading.Barrier(2)

    def open_when_both_decided(decided: Pack) -> None:
        with suppress(threading.BrokenBarrierError):  # where writers queue, the second one comes after the first
            both_decided.wait(10 if connection.vendor == "postgresql" else 0.2)
        open_next(decided)

    monkeypatch.setattr(approval, "open_next", open_when_both_decided)
    results = at_once(*(partial(approve, one, by=mara, digest=one.revision.digest) for one in asked(pack, mara)))

    assert not [one for one in results if isinstance(one, Exception)]
    assert pack.approvals.filter(stage="client", state="asked").count() == 2


def test_the_same_plan_brought_in_twice_at_once_comes_in_once() -> None:
    brand = make_brand()
    make_channel(brand, "Uno")
    day = in_days(5).date().isoformat()
    rows = "\n".join(f"{day},{9 + n:02d}:00,Post {n},Testo,Uno" for n in range(8))
    data = f"date,time,title,text,channels\n{rows}\n".encode()
    plans = [read_plan(data, brand=brand) for _ in range(2)]

    at_once(*(partial(bring_in, plan, by=None) for plan in plans))

    assert Post.every.count() == Post.objects.count()
    assert Post.objects.count() in {0, 8}
    if not Post.objects.exists():
        bring_in(read_plan(data, brand=brand), by=None)
    assert Post.objects.count() == 8
