"""Two clocks, four kinds of servers, people who change their mind: whatever happens in whatever order, no promise breaks.

The publisher's real code runs on the real database, in one thread and in a time of the test's own; the server is the
judge. ``make test`` looks at a dozen lives, the same ones each time. To look at many new ones, for several minutes:

    PALINSESTO_MODEL_EXAMPLES=2000 PALINSESTO_MODEL_STEPS=60 .venv/bin/pytest tests/publisher/test_model.py -q --timeout 0
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from publisher import tasks
from publisher.models import Publication
from publisher.platforms import PLATFORMS, adapter_of
from tests.publisher import model_judge
from tests.publisher.model_judge import ADAPTERS, JUDGE, WAYS, reconnect_all
from tests.publisher.model_office import Office
from tests.publisher.model_time import DiedError, Machine, Universe, broken_at

EXAMPLES = int(os.environ.get("PALINSESTO_MODEL_EXAMPLES", "12"))
STEPS = int(os.environ.get("PALINSESTO_MODEL_STEPS", "30"))
IS_LONG = "PALINSESTO_MODEL_EXAMPLES" in os.environ
BOTH = some.sampled_from((0, 1))
SKEWS = some.sampled_from((0.0, 0.3, -0.4, 3.0, -3.0))
PLACES = some.integers(0, 7)
THEN_S = (0.0, 12.0, 45.0, 130.0)
UNSURE = ("lost", "never", "late", "broken")
QUIET_S = (0, 1, 5, 10, 20, 30, 61, 30, 60, 90, 120, 300)


class Sending(RuleBasedStateMachine):
    """One life: two machines that send, people beside them, and everything that can go wrong."""

    @initialize(skews=some.tuples(SKEWS, SKEWS))
    def begin(self, skews: tuple[float, float]) -> None:
        JUDGE.__init__(universe=Universe())  # type: ignore[misc]  # the module's one judge is emptied in place
        self.patch = pytest.MonkeyPatch()
        JUDGE.universe.rule(self.patch)
        self.savepoint = transaction.savepoint()
        self.office = Office(JUDGE)
        self.machines = [Machine(JUDGE.universe, skew, JUDGE.look_at_tries) for skew in skews]

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            try:
                self.end()
            finally:
                transaction.savepoint_rollback(self.savepoint)
                self.patch.undo()

    # people

    @rule(channels=some.sampled_from([(0,), (1,), (2,), (3,), (0, 1, 2), (4,)]), ahead_s=some.sampled_from([0, 60, 300]))
    def plan(self, channels: tuple[int, ...], ahead_s: float) -> None:
        self.office.plan(channels, ahead_s=ahead_s)

    @rule(index=some.integers(0, 3), ahead_s=some.sampled_from([0.0, 2.0, 60.0]))
    def chain(self, index: int, ahead_s: float) -> None:
        self.office.chain(index, ahead_s=ahead_s)

    @rule(index=PLACES, asks_again=some.booleans())
    def edit(self, index: int, asks_again: bool) -> None:
        self.office.edit(index, asks_again=asks_again)

    @rule(index=PLACES)
    def withdraw(self, index: int) -> None:
        self.office.withdraw(index)

    @rule(index=PLACES, minutes=some.sampled_from([1, 5, 60]))
    def move(self, index: int, minutes: int) -> None:
        self.office.move(index, minutes=minutes)

    @rule(scope=some.sampled_from(["all", "agency", "brand", "channel", "post", "post"]), index=PLACES)
    def stop(self, scope: str, index: int) -> None:
        self.office.stop(scope, index)

    @rule(index=PLACES)
    def lift(self, index: int) -> None:
        self.office.lift(index)

    @rule(index=some.integers(0, 3), knowingly=some.booleans())
    def answer(self, index: int, knowingly: bool) -> None:
        self.office.answer(index, knowingly=knowingly)

    @rule(index=PLACES, act=some.sampled_from(["retry", "drop", "settle", "settle"]))
    def help(self, index: int, act: str) -> None:
        self.office.help(index, act)

    @rule()
    def reconnect(self) -> None:
        reconnect_all()

    # the machines

    @rule(seconds=some.sampled_from([2.0, 40.0, 240.0]))
    def both_live(self, seconds: float) -> None:
        """A good time for both."""
        for which in (0, 1):
            self.live(which, seconds / 2)

    @rule(which=BOTH, seconds=some.sampled_from([0.4, 2.0, 20.0, 120.0]))
    def live(self, which: int, seconds: float) -> None:
        """One machine has some good moments; the other stands still."""
        self.do("ok")
        for _ in range(4):
            self.pass_time(seconds / 4)
            self.machines[which].live()
            self.office.check()

    @rule(which=BOTH, is_watching=some.booleans(), breaks=some.sampled_from([0, 0, 0, *range(1, 30)]))
    def turn(self, which: int, is_watching: bool, breaks: int) -> None:
        """The main thread turns once; perhaps the database breaks under it."""
        if is_watching:
            self.machines[which].watch()
        with broken_at(breaks, OperationalError):
            self.machines[which].turn()

    @rule(which=BOTH, breaks=some.sampled_from([0, 0, 0, *range(1, 30)]))
    def keep(self, which: int, breaks: int) -> None:
        """The keeper has its second; perhaps the database breaks under it."""
        with broken_at(breaks, OperationalError):
            self.machines[which].keep()

    @rule(which=BOTH, is_side=some.booleans(), index=PLACES, way=some.sampled_from(WAYS), delay_s=some.sampled_from([3.0, 30.0, 55.0]))
    def call(self, which: int, is_side: bool, index: int, way: str, delay_s: float) -> None:
        """A thread does its work, and meets a server on a good or a bad day."""
        crew = self.machines[which].side if is_side else self.machines[which].calls
        if crew.work:
            self.do(way, delay_s)
            JUDGE.universe.skew = self.machines[which].skew
            crew.begin(index % len(crew.work))

    @rule(which=BOTH, is_side=some.booleans(), index=PLACES)
    def bring(self, which: int, is_side: bool, index: int) -> None:
        """What a thread has got reaches its process."""
        crew = self.machines[which].side if is_side else self.machines[which].calls
        if crew.away:
            crew.bring(index % len(crew.away))

    @rule(which=BOTH, way=some.sampled_from(UNSURE), delay_s=some.sampled_from([3.0, 30.0, 55.0]), then_s=some.sampled_from(THEN_S))
    def doubt(self, which: int, way: str, delay_s: float, then_s: float) -> None:
        """One machine goes on until calls leave, and their answers are lost; perhaps the other one looks into it."""
        machine = self.machines[which]
        self.go_to_the_hour(0.0)
        for _ in range(3):
            self.do("ok")
            self.pass_time(0.6)
            machine.watch()
            machine.keep()
            machine.side.do_all()
            machine.keep()
            machine.turn()
            self.office.check()
        for _ in range(len(machine.calls.work)):
            self.call(which, is_side=False, index=0, way=way, delay_s=delay_s)
        if then_s:
            self.live(1 - which, then_s)

    @rule(which=BOTH, is_seen=some.booleans(), breaks=some.integers(0, 30), is_keeper=some.booleans())
    def die(self, which: int, is_seen: bool, breaks: int, is_keeper: bool) -> None:
        """A process is killed, in the middle of a statement or between two."""
        machine = self.machines[which]
        with broken_at(breaks, DiedError):
            (machine.keep if is_keeper else machine.turn)()
        self.office.check()
        machine.die(is_seen=is_seen)

    @rule(is_lost=some.booleans())
    def queue(self, is_lost: bool) -> None:
        """The queue runs what it was given, or has lost it."""
        self.do("ok")
        waiting, JUDGE.universe.tasks[:] = list(JUDGE.universe.tasks), []
        for pk in waiting if not is_lost else ():
            tasks.preflight(pk)

    # time

    @rule(seconds=some.sampled_from([0.1, 0.5, 1.0, 5.0, 31.0, 62.0, 130.0, 950.0]))
    def pass_time(self, seconds: float) -> None:
        JUDGE.universe.now += seconds
        JUDGE.deliver()

    @rule(before_s=some.sampled_from([4.5, 0.3, 0.0, -0.2]))
    def go_to_the_hour(self, before_s: float) -> None:
        """It is nearly the hour of the next post."""
        hours = [one.due for one in JUDGE.passes.values() if one.due - before_s > JUDGE.universe.now]
        if hours:
            self.pass_time(min(hours) - before_s - JUDGE.universe.now)

    def do(self, way: str, delay_s: float = 5.0) -> None:
        JUDGE.way, JUDGE.delay_s = way, delay_s

    @invariant()
    def no_promise_is_broken(self) -> None:
        if hasattr(self, "savepoint"):
            self.office.check()

    # the end

    def end(self) -> None:
        """All processes die; one new clock and time bring everything to an end, or in front of a person."""
        self.do("ok")
        for machine in self.machines:
            machine.die(is_seen=True)
        last = max([one.late_after for one in JUDGE.passes.values()], default=0.0)
        for seconds in (*QUIET_S, max(0.0, last - JUDGE.universe.now), *QUIET_S):
            self.pass_time(seconds)
            for _ in range(2):
                self.machines[0].live()
                self.office.check()
            if not self.open_rows():
                return
        assert not self.open_rows(), [(row, row.next_at, row.problem_code) for row in self.open_rows()]

    def open_rows(self) -> list[Publication]:
        rows = Publication.objects.filter(state__in=["waiting", "held", "claimed", "sending", "unknown"])
        return [row for row in rows if row.state != "unknown" or row.problem_code != "still_unknown" or row.next_at]


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The model's servers, in the registry for the length of a test."""
    for slug, adapter in ADAPTERS.items():
        monkeypatch.setitem(PLATFORMS, slug, f"{model_judge.__name__}.{adapter.__name__}")
    adapter_of.cache_clear()
    yield
    adapter_of.cache_clear()


def quiet(**more: Any) -> settings:
    """Return how much is tried."""
    values: dict[str, Any] = {"max_examples": EXAMPLES, "stateful_step_count": STEPS, "deadline": None, **more}
    values["derandomize"] = not IS_LONG
    return settings(suppress_health_check=list(HealthCheck), report_multiple_bugs=False, print_blob=True, **values)


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.timeout(0 if IS_LONG else 300)
def test_whatever_happens_in_whatever_order_no_promise_breaks(servers: None) -> None:
    run_state_machine_as_test(Sending, settings=quiet())
