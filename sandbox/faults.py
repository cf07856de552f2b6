"""What goes wrong on purpose: rules that match a call and spoil it."""

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.limits import headers
from sandbox.messages import Response, as_json, error
from sandbox.records import Json

# handled at once, answered late / handled late
DELAYS = ("slow", "stall")
# the call is never looked at
BEFORE = ("rate_limited", "unavailable", "error_before", "cut_before", "unauthorized")
# the call is done, the caller does not hear it
AFTER = ("error_after", "cut_after")
EFFECTS = (*DELAYS, *BEFORE, *AFTER)
KNOWN: dict[str, Callable[[Any], Any]] = {
    "effect": str,
    "method": str,
    "path": str,
    "account": str,
    "ms": int,
    "retry_after": int,
    "times": int,
    "skip": int,
    "probability": float,
    "seed": int,
}


class BadRuleError(ValueError):
    """The rule names something that does not exist."""


@dataclass(slots=True)
class Rule:
    """One fault: which calls, what happens, how often."""

    effect: str
    method: str = ""
    path: str = ""
    account: str = ""
    ms: int = 0
    retry_after: int | None = None
    times: int | None = None
    skip: int = 0
    probability: float = 1.0
    seed: int = 0
    id: int = 0
    hits: int = 0
    dice: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise BadRuleError(f"effect must be one of: {', '.join(EFFECTS)}")
        self.dice = random.Random(self.seed)  # noqa: S311 - repeatable tests, no secret

    def strikes(self, *, method: str, path: str, account: str) -> bool:
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method not in {"", method} or not path.startswith(self.path) or self.account not in {"", account}:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.dice.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def shown(self) -> Json:
        values = asdict(self)
        del values["dice"]
        return values


@dataclass(slots=True)
class Spoiled:
    """What the rules decided about one call."""

    wait_before_ms: int = 0
    wait_after_ms: int = 0
    rule: Rule | None = None

    @property
    def instead(self) -> Response | None:
        return answer(self.rule) if self.rule is not None and self.rule.effect in BEFORE else None

    @property
    def afterwards(self) -> Response | None:
        return answer(self.rule) if self.rule is not None and self.rule.effect in AFTER else None


@dataclass(slots=True)
class Faults:
    """The rules in force, and the delay of every answer."""

    rules: list[Rule] = field(default_factory=list)
    latency_ms: int = 0
    _count: int = 0

    def add(self, values: Json) -> Rule:
        if not set(values) <= set(KNOWN) or "effect" not in values:
            raise BadRuleError(f"a rule takes {', '.join(KNOWN)}; effect is needed")
        try:
            rule = Rule(**{name: KNOWN[name](value) for name, value in values.items() if value is not None})
        except (TypeError, ValueError) as wrong:
            raise BadRuleError(str(wrong)) from wrong
        self._count += 1
        rule.id = self._count
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        self.rules.clear()
        self.latency_ms = 0

    def judge(self, *, method: str, path: str, account: str) -> Spoiled:
        """Delays add up; of the other effects the first that strikes wins."""
        spoiled = Spoiled(wait_after_ms=self.latency_ms)
        for rule in self.rules:
            if rule.effect not in DELAYS and spoiled.rule is not None:
                continue
            if not rule.strikes(method=method, path=path, account=account):
                continue
            if rule.effect == "slow":
                spoiled.wait_after_ms += rule.ms
            elif rule.effect == "stall":
                spoiled.wait_before_ms += rule.ms
            else:
                spoiled.rule = rule
        return spoiled


def answer(rule: Rule) -> Response:
    if rule.effect in {"cut_before", "cut_after"}:
        return Response(is_cut=True)
    if rule.effect == "unauthorized":
        return error(401, "The access token is invalid")
    if rule.effect == "rate_limited":
        seconds = rule.retry_after if rule.retry_after is not None else 1
        reset = datetime.now(UTC) + timedelta(seconds=seconds)
        more = {"Retry-After": str(seconds), **headers(limit=300, remaining=0, reset=reset)}
        return as_json({"error": "Too many requests"}, status=429, headers=more)
    if rule.effect == "unavailable":
        more = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
        text = "There was a temporary problem serving your request, please try again"
        return as_json({"error": text}, status=503, headers=more)
    page = b"<!DOCTYPE html><html><head><title>500</title></head><body><p>We're sorry, but something went wrong.</p></body></html>"
    return Response(status=500, body=page, mime="text/html; charset=utf-8")
