"""Doubts: calls whose outcome nobody knows. Repeat under a trusted key, look it up, or ask a person; never blindly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from publisher.clock.pace import Pace

KEY_MARGIN_S = 120.0


class Step(StrEnum):
    """What to do about a doubt now."""

    REPLAY = "replay"
    LOOK = "look"
    WAIT = "wait"
    GIVE_BACK = "give_back"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What is known about a publication whose outcome is not. Only tries since the last surely unsent one count."""

    first_left_at: datetime
    last_left_at: datetime
    replays: int
    looks: int
    absent: int
    late_after: datetime
    honours_key: bool
    key_lives_s: float
    can_find: bool
    is_complete: bool
    may_send: bool
    may_call: bool
    last_looked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The step, and for a wait until when."""

    step: Step
    at: datetime | None = None


def plan(doubt: Doubt, *, now: datetime, pace: Pace) -> Plan:
    """Decide. A replay needs a key that the server software honours and still knows, and everything that sending needs."""
    if not doubt.may_call:
        return Plan(Step.ASK)
    if may_replay(doubt, now=now, pace=pace):
        at = doubt.last_left_at + timedelta(seconds=_nth(pace.replays_s, doubt.replays))
        return Plan(Step.REPLAY) if at <= now else Plan(Step.WAIT, at)
    if not doubt.can_find:
        return Plan(Step.ASK)
    if doubt.absent >= len(pace.looks_s):
        return Plan(Step.GIVE_BACK if doubt.is_complete else Step.ASK)
    if doubt.looks >= (pace.most_looks if doubt.is_complete else len(pace.looks_s)):
        return Plan(Step.ASK)
    at = look_at(doubt, pace=pace)
    return Plan(Step.LOOK) if at <= now else Plan(Step.WAIT, at)


def may_replay(doubt: Doubt, *, now: datetime, pace: Pace) -> bool:
    """Tell whether repeating the identical call is both harmless and still wanted.

    Harmless: the server honours keys and has not forgotten ours. Wanted: within the window, not stopped, seal
    whole; for a repetition is what publishes when the first call was lost on its way.
    """
    knows = now + timedelta(seconds=KEY_MARGIN_S) < doubt.first_left_at + timedelta(seconds=doubt.key_lives_s)
    wanted = doubt.may_send and now <= doubt.late_after
    return doubt.honours_key and knows and wanted and doubt.replays < len(pace.replays_s)


def look_at(doubt: Doubt, *, pace: Pace) -> datetime:
    """Return when the next look is due: so long after the call left, and never in one breath with the look before it.

    After a long outage all three are overdue; a call that comes through only now must still be seen by one of them.
    """
    at = doubt.last_left_at + timedelta(seconds=_nth(pace.looks_s, doubt.looks))
    if doubt.last_looked_at is None:
        return at
    return max(at, doubt.last_looked_at + timedelta(seconds=pace.looks_s[0]))


def _nth(delays: tuple[float, ...], number: int) -> float:
    """Return the delay of the nth time, counted from when the call left; after the last it doubles."""
    if number < len(delays):
        return delays[number]
    return delays[-1] * 2.0 ** (number - len(delays) + 1)
