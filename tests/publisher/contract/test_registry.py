"""Every platform of the registry brings a kit; what it recorded means what it should; abilities are honest."""

import inspect
from datetime import UTC, datetime
from typing import Any

import pytest

from publisher.contract import base
from publisher.contract.base import Adapter, Call, FindsPost, LikesComments, ReadsComments, ReadsMentions
from publisher.contract.content import Content, Media, Receipt, Secrets, Ticket
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.platforms import PLATFORMS, adapter_of
from publisher.record_keys import record_key
from publisher.sentences import SENTENCES
from tests.publisher.contract.kit import CANARY, Kit, PlayedDoor, Recorded
from tests.publisher.contract.registry import KITS

ERRORS = {error.__name__: error for error in (Rejected, SignIn, Unavailable, OutcomeUnknown)}
ABILITIES = [
    ability
    for _, ability in inspect.getmembers(base, inspect.isclass)
    if ability.__module__ == base.__name__ and inspect.isabstract(ability) and ability is not Adapter
]
REMOTE = "at://did:plc:w4xbfzo7kqfes5zb7r6qv3rw/app.bsky.feed.post/3msztvighk22l"
RECORDED = [(kit, one) for kit in KITS.values() for one in kit.recorded]
BREACHES = [(kit, content, code) for kit in KITS.values() for content, code in kit.breaches]
LENGTHS = [(kit, text, used) for kit in KITS.values() for text, used in kit.lengths]


@pytest.mark.parametrize("slug", sorted(PLATFORMS))
def test_every_platform_brings_a_kit(slug: str) -> None:
    kit = KITS.get(slug)
    assert kit is not None, f"{slug} has no kit: see docs/adding-a-platform.md"
    assert kit.worlds
    assert kit.recorded
    assert kit.breaches


@pytest.mark.parametrize("slug", sorted(PLATFORMS))
def test_an_adapter_says_what_it_is_and_holds_no_state(slug: str) -> None:
    adapter = adapter_of(slug)
    assert (adapter.slug, bool(adapter.name), len(adapter.monogram)) == (slug, True, 2)
    assert adapter.kinds <= {"post", "part", "first_comment", "reply", "private_message"}
    assert not vars(adapter)


@pytest.mark.parametrize("slug", sorted(PLATFORMS))
def test_abilities_are_honest(slug: str) -> None:
    kind = type(adapter_of(slug))
    assert ABILITIES
    for ability in ABILITIES:
        declared = ability.__abstractmethods__
        named = {name for name in declared if callable(getattr(kind, name, None))}
        assert issubclass(kind, ability) == (named == set(declared)), ability.__name__


def test_nobody_can_delete_other_peoples_words() -> None:
    words = {name for ability in [*ABILITIES, Adapter] for name in vars(ability)}
    assert not {name for name in words if "delete" in name or "remove" in name}


@pytest.mark.parametrize(
    ("kit", "recorded"),
    RECORDED,
    ids=[f"{kit.slug}-{one.call}-{one.status}-{one.means[1]}-{i}" for i, (kit, one) in enumerate(RECORDED)],
)
def test_a_recorded_answer_means_what_it_should(kit: Kit, recorded: Recorded, tmp_path: Any) -> None:
    kind, code = recorded.means
    with pytest.raises(AdapterError) as caught:
        replay(kit, recorded, str(tmp_path / "x"))
    error = caught.value
    assert (type(error), error.code) == (ERRORS[kind], code)
    assert error.code in SENTENCES
    assert isinstance(error, Unavailable) or error.status in {recorded.status, None}
    if {"x-ratelimit-reset", "ratelimit-reset"} & set(recorded.headers):
        assert isinstance(error, Unavailable)
        assert error.retry_at is not None


def replay(kit: Kit, recorded: Recorded, path: str) -> None:
    """Let the adapter meet a recorded answer."""
    adapter, door = adapter_of(kit.slug), PlayedDoor(recorded.answer)
    at = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    using = Ticket(key="k", rkey=record_key(at), record_created_at=at)
    call = Call(kit.target, Secrets(access=CANARY, refresh=CANARY), door)
    root = Receipt(remote_id=REMOTE, url="")
    if recorded.call == "prepare":
        with open(path, "wb") as file:  # noqa: PTH123  (a plain file)
            file.write(b"x")
        media = Media(key="k", path=path, mime="image/png", bytes=1, width=1, height=1, sha256="0")
        adapter.prepare(call, Content(text="x", media=(media,)), using)
    elif recorded.call == "comments" and isinstance(adapter, ReadsComments):
        adapter.comments(call, root, "")
    elif recorded.call == "mentions" and isinstance(adapter, ReadsMentions):
        adapter.mentions(call, "")
    elif recorded.call == "like" and isinstance(adapter, LikesComments):
        adapter.like(call, REMOTE, {})
    elif recorded.call == "find" and isinstance(adapter, FindsPost):
        adapter.find(call, Content(text="x"), using, {})
    elif recorded.call == "check":
        adapter.check(call)
    else:
        content = Content(text="x", kind="reply", reply_to="9") if recorded.call == "reply" else Content(text="x")
        adapter.publish(call, content, using, {})


@pytest.mark.parametrize(("kit", "recorded"), RECORDED, ids=[str(i) for i in range(len(RECORDED))])
def test_a_recorded_answer_says_where_it_comes_from(kit: Kit, recorded: Recorded) -> None:
    assert len(recorded.source.split()) >= 2
    assert kit.slug


@pytest.mark.parametrize(
    ("kit", "content", "code"), BREACHES, ids=[f"{kit.slug}-{code}-{i}" for i, (kit, _, code) in enumerate(BREACHES)]
)
def test_each_breach_is_named_with_numbers_where_there_are_some(kit: Kit, content: Content, code: str) -> None:
    found = {problem.code: problem for problem in adapter_of(kit.slug).problems(content, kit.target)}
    assert code in found
    assert set(found) <= set(SENTENCES)
    if "over" in found[code].values:
        assert found[code].values["over"] > 0
        assert found[code].values["limit"] > 0


@pytest.mark.parametrize(
    ("kit", "text", "used"), LENGTHS, ids=[f"{kit.slug}-{i}" for i, (kit, _, _) in enumerate(LENGTHS)]
)
def test_text_is_counted_as_the_platform_counts(kit: Kit, text: str, used: int) -> None:
    assert adapter_of(kit.slug).length(Content(text=text), kit.target).used == used
