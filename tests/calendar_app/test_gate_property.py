"""Whatever people do in whatever order: only what an approved, unwithdrawn seal covers is ever on its way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendar_app.approval import approve, lift_stop, refuse, request_changes, stop_post, withdraw
from calendar_app.deadlines import expire_questions
from calendar_app.drafting import PostChanges, move, save_post
from calendar_app.models import Approval, Pack, Post
from calendar_app.refusals import Refusal
from calendar_app.rules import PRESETS
from publisher.models import Publication
from publisher.seals import seal_of
from tests.calendar_app.make_plan import in_days, link_to, make_channel, make_client, make_pack, make_post, make_rule
from tests.make import make_brand

pytestmark = pytest.mark.django_db

LIVE = ("waiting", "held", "claimed", "sending", "unknown", "published")
ACTS = (
    "edit",
    "save unchanged",
    "send",
    "approve",
    "approve what was seen first",
    "approve with a made-up digest",
    "other client approves",
    "request changes",
    "refuse",
    "withdraw",
    "move an hour",
    "move half a day back and forth",
    "move far",
    "stop",
    "lift",
    "expire",
    "arm",
    "publish",
    "edit in a stale tab",
)


class Desk:
    """One post, two channels, two clients, and every act that can happen to it."""

    def __init__(self, mode: str) -> None:
        self.brand = make_brand()
        self.cleo, self.clio = make_client(self.brand), make_client(self.brand, "Clio")
        make_rule(self.brand, "client", mode=mode)
        self.mode = mode
        self.post = make_post(
            self.brand, [make_channel(self.brand, "uno"), make_channel(self.brand, "due")], wall=in_days(5)
        )
        self.edits = 0
        self.sent: dict[int, str] = {}
        self.said: list[str] = []

    @property
    def fresh(self) -> Post:
        return Post.objects.select_related("brand__agency").get(pk=self.post.pk)

    def do(self, act: str) -> None:
        """Do it, or be refused with a sentence."""
        try:
            with transaction.atomic():
                self.ways[act]()
        except Refusal as refusal:
            self.said.append(refusal.words())
        self.check()

    @property
    def ways(self) -> dict[str, Callable[[], Any]]:
        hour = timedelta(hours=1)
        return {
            "edit": lambda: self.edit(self.fresh.version),
            "edit in a stale tab": lambda: self.edit(0),
            "save unchanged": lambda: save_post(
                self.fresh, version=self.fresh.version, by=None, changes=PostChanges(text=self.fresh.text)
            ),
            "send": lambda: make_pack([self.fresh]),
            "approve": lambda: self.decide(approve, self.cleo, newest=True),
            "approve what was seen first": lambda: self.decide(approve, self.cleo, newest=False),
            "approve with a made-up digest": lambda: self.decide(approve, self.cleo, newest=True, digest="f" * 64),
            "other client approves": lambda: self.decide(approve, self.clio, newest=True),
            "request changes": lambda: self.decide(request_changes, self.clio, newest=True, words="Altro."),
            "refuse": lambda: self.decide(refuse, self.clio, newest=True),
            "withdraw": self.withdraw,
            "move an hour": lambda: self.move(hour),
            "move half a day back and forth": lambda: (self.move(13 * hour), self.move(-13 * hour)),
            "move far": lambda: self.move(40 * hour),
            "stop": lambda: stop_post(self.post, by=self.cleo, link=self.link),
            "lift": lambda: lift_stop(self.post, by=self.cleo, link=self.link),
            "expire": lambda: expire_questions(now=self.fresh.due_at + timedelta(days=30)),
            "arm": lambda: self.step("waiting", "claimed", "sending"),
            "publish": lambda: self.step("sending", "published"),
        }

    @property
    def link(self) -> Any:
        pack = Pack.objects.order_by("-pk").first()
        return link_to(pack, self.cleo) if pack else None

    def edit(self, version: int) -> None:
        self.edits += 1
        save_post(self.fresh, version=version, by=None, changes=PostChanges(text=f"Testo {self.edits}"))

    def move(self, by: timedelta) -> None:
        move(self.fresh, wall=self.fresh.wall + by, by=None)

    def decide(self, verb: Any, who: Any, *, newest: bool, digest: str = "", **more: Any) -> None:
        found = (
            Approval.objects.filter(reviewer=who).select_related("revision", "pack").order_by("-pk" if newest else "pk")
        )
        approval = found.first()
        if approval is not None and approval.pack is not None:
            seen = digest or approval.revision.digest
            verb(approval, by=who, digest=seen, link=link_to(approval.pack, who), **more)

    def withdraw(self) -> None:
        approval = (
            Approval.objects.filter(reviewer=self.cleo).select_related("revision", "pack").order_by("-pk").first()
        )
        if approval is not None:
            withdraw(approval, by=self.cleo, link=link_to(approval.pack, self.cleo))

    def step(self, *states: str) -> None:
        """Do what the clock does to the first row that stands in a state."""
        row = Publication.objects.filter(state=states[0]).order_by("pk").first()
        if row is not None:
            for state in states[1:]:
                Publication.objects.filter(pk=row.pk).update(state=state)
            if states[-1] == "sending":
                self.sent[row.pk] = row.seal

    def check(self) -> None:
        """What is on its way is covered; what left was covered when it left and has not changed since."""
        rows = list(Publication.objects.filter(state__in=LIVE).select_related("profile"))
        assert len({row.profile_id for row in rows}) == len(rows)
        for row in rows:
            assert seal_of(row, list(row.attachments.select_related("file"))) == row.seal
            if row.state in {"waiting", "held", "claimed"}:
                self.check_covered(row)
        for pk, seal in self.sent.items():
            assert Publication.objects.get(pk=pk).seal == seal

    def check_covered(self, row: Publication) -> None:
        post = self.fresh
        assert post.stage == "approved"
        revision = post.revisions.get(digest=row.rule["digest"], pk=row.rule["revision"])
        assert revision == post.revisions.order_by("-number").first()
        states = sorted(revision.approvals.values_list("state", flat=True))
        assert states == (["approved", "approved"] if self.mode == "all" else ["approved", "void"])
        sheet = revision.sheets.get(channel=row.channel_id)
        assert row.content["text"] == sheet.content[0]["text"] == post.text
        assert abs(row.due_at - sheet.due_at) <= timedelta(hours=24)
        assert row.due_at == post.due_at
        assert datetime.fromisoformat(row.rule["hour"]) == sheet.due_at


@settings(
    max_examples=25,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(mode=st.sampled_from(["any", "all"]), acts=st.lists(st.sampled_from(ACTS), min_size=3, max_size=8))
def test_no_order_of_acts_lets_anything_out_that_was_not_approved(mode: str, acts: list[str]) -> None:
    with transaction.atomic():
        desk = Desk(mode)
        for act in ["send", *acts]:
            desk.do(act)
        assert all(desk.said)
        transaction.set_rollback(True)


@pytest.mark.parametrize("first", ["edit", "withdraw", "move far", "refuse", "expire"])
@pytest.mark.parametrize("second", ["approve", "approve what was seen first", "arm"])
def test_every_pair_that_races_ends_covered_in_both_orders(first: str, second: str) -> None:
    for order in ((first, second), (second, first)):
        with transaction.atomic():
            desk = Desk("any")
            for act in ("send", *order, "send", "approve", "edit"):
                desk.do(act)
            transaction.set_rollback(True)


def test_the_rules_that_are_tried_are_rules_that_exist() -> None:
    assert {stage["stage"] for stages in PRESETS.values() for stage in stages} == {"internal", "client"}
