"""What every adapter promises, held against every world that its kit brings along."""

import math
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from publisher.contract.base import (
    Adapter,
    Call,
    FindsPost,
    ReadsComments,
)
from publisher.contract.content import Content, Media, Receipt, Secrets, Ticket
from publisher.contract.errors import AdapterError, OutcomeUnknown, Rejected, SignIn, Unavailable
from publisher.contract.http import Door
from publisher.record_keys import record_key
from tests.publisher.contract.kit import CANARY, Seen, ShutDoor, World

pytestmark = [pytest.mark.servers]


def ticket(*, ago: timedelta = timedelta()) -> Ticket:
    """Return a fresh ticket whose first try leaves now."""
    at = datetime.now(UTC) - ago
    return Ticket(key=str(uuid.uuid4()), rkey=record_key(at), record_created_at=at, started_at=at)


def text(words: str = "Buongiorno dalla cantina") -> str:
    """Return words that nobody has used before."""
    return f"{words} {uuid.uuid4().hex[:12]}"


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Media, ...]:
    """Three pictures that can be told apart."""
    found = []
    for number, (colour, alt) in enumerate(
        [("red", "Una vigna d’autunno"), ("green", "L’etichetta & il calice"), ("blue", "«Botti» <in> cantina")]
    ):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (30 + number, 20), colour).save(path)
        size = path.stat().st_size
        found.append(
            Media(
                key=f"p{number}",
                path=str(path),
                mime="image/png",
                bytes=size,
                width=30 + number,
                height=20,
                sha256=str(number) * 64,
                alt=alt,
            )
        )
    return tuple(found)


def publish(adapter: Adapter, call: Call, content: Content, using: Ticket | None = None) -> Receipt:
    """Prepare and publish as the clock does."""
    using = using or ticket()
    return adapter.publish(call, content, using, adapter.prepare(call, content, using))


def with_words(world: World, content: Content) -> list[Seen]:
    """Return what is out there with these words."""
    return [seen for seen in world.posts() if content.text in seen.text]


def width_of(data: bytes) -> int:
    """Return how wide a PNG says it is, or -1 for other bytes."""
    return int.from_bytes(data[16:20], "big") if data.startswith(b"\x89PNG") else -1


def test_checking_tells_whose_token_it_is(call: Call, world: World) -> None:
    assert call.target.remote_id
    assert call.target.handle
    assert call.target.server == world.server


def test_a_wrong_token_is_a_matter_of_signing_in(adapter: Adapter, call: Call) -> None:
    with pytest.raises(SignIn):
        adapter.check(Call(call.target, Secrets(access="wrong"), call.door))


def test_a_receipt_has_id_address_and_time(adapter: Adapter, call: Call) -> None:
    receipt = publish(adapter, call, Content(text=text()))
    assert receipt.remote_id
    assert receipt.url.startswith(("https://", "http://"))
    assert receipt.published_at is None or receipt.published_at.tzinfo is not None


@pytest.mark.parametrize(
    "words",
    [
        "Novello, dal 6 novembre.",
        "Riga uno\nriga due\n\nnuovo paragrafo",
        "5 < 6 & «virgolette» ’apostrofo’",
        "👨‍👩‍👧 perché no? #vino",
    ],
)
def test_the_approved_text_goes_out_unchanged(adapter: Adapter, call: Call, world: World, words: str) -> None:
    content = Content(text=text(words), language="it")
    receipt = publish(adapter, call, content)
    seen = next(seen for seen in world.posts() if seen.remote_id == receipt.remote_id)
    assert seen.text.split() == content.text.split()


def test_what_is_sent_is_what_was_shown(adapter: Adapter, call: Call, world: World) -> None:
    content = Content(text=text(), link="https://example.org/avvento?a=1&b=2")
    receipt = publish(adapter, call, content)
    seen = next(seen for seen in world.posts() if seen.remote_id == receipt.remote_id)
    assert seen.text.split() == adapter.as_sent(content, call.target).split()


def test_pictures_go_out_in_order_each_with_its_words(
    adapter: Adapter, call: Call, world: World, pictures: tuple[Media, ...]
) -> None:
    receipt = publish(adapter, call, Content(text=text(), media=pictures))
    seen = next(seen for seen in world.posts() if seen.remote_id == receipt.remote_id)
    assert [alt for alt, _ in seen.pictures] == [picture.alt for picture in pictures]
    widths = [width_of(data) for _, data in seen.pictures]
    assert widths in ([30, 31, 32], [-1, -1, -1])  # a server may write the bytes anew


def test_preparing_twice_is_harmless(adapter: Adapter, call: Call, world: World, pictures: tuple[Media, ...]) -> None:
    content, using = Content(text=text(), media=pictures[:1]), ticket()
    adapter.prepare(call, content, using)
    prepared = adapter.prepare(call, content, using)
    assert not with_words(world, content)
    adapter.publish(call, content, using, prepared)
    assert len(with_words(world, content)) == 1


def test_a_replay_with_the_same_ticket_never_doubles_where_that_is_promised(
    adapter: Adapter, call: Call, world: World
) -> None:
    content, using = Content(text=text()), ticket()
    prepared = adapter.prepare(call, content, using)
    first = adapter.publish(call, content, using, prepared)
    if adapter.honours_key(call.target):
        assert adapter.key_lives_s(call.target) > 0
        assert adapter.publish(call, content, using, prepared).remote_id == first.remote_id
    assert len(with_words(world, content)) == 1


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ("rate_limited", Unavailable),
        ("unavailable", Unavailable),
        ("unauthorized", SignIn),
        ("cut_before", OutcomeUnknown),
        ("cut_after", OutcomeUnknown),
        ("error_after", OutcomeUnknown),
    ],
)
def test_each_failure_is_one_of_the_four_errors(
    adapter: Adapter, call: Call, world: World, effect: str, error: type[AdapterError]
) -> None:
    if effect not in world.effects():
        assert world.name == "mastodon-mock", "only a server that others wrote may lack a fault"
        return
    content = Content(text=text())
    world.fault(effect)
    with pytest.raises(AdapterError) as caught:
        publish(adapter, call, content)
    assert type(caught.value) is error
    assert len(with_words(world, content)) == (effect in {"cut_after", "error_after"})
    if effect in {"rate_limited", "unavailable"}:
        assert isinstance(caught.value, Unavailable)
        assert caught.value.retry_at is not None
        assert caught.value.retry_at > datetime.now(UTC)
        assert caught.value.scope == ("profile" if effect == "rate_limited" else "host")


def test_a_server_that_is_not_there_is_surely_not_done(adapter: Adapter, call: Call) -> None:
    away = Call(_elsewhere(call), call.secrets, Door(private_networks=["127.0.0.0/8"]))
    with pytest.raises(Unavailable) as caught:
        adapter.publish(away, Content(text="x"), ticket(), {"media_ids": []})
    assert caught.value.scope == "host"


def _elsewhere(call: Call) -> Any:
    values = {name: getattr(call.target, name) for name in type(call.target).__dataclass_fields__}
    return type(call.target)(**{**values, "server": "http://127.0.0.1:1"})


def test_what_the_server_refuses_is_rejected(adapter: Adapter, call: Call, world: World) -> None:
    content = Content(text=text() + "x" * 6000)
    with pytest.raises(Rejected):
        publish(adapter, call, content)
    assert not with_words(world, content)


# Looking up after doubt


def test_a_post_whose_answer_was_lost_is_found_or_nothing_is_claimed(
    adapter: Adapter, call: Call, world: World, pictures: tuple[Media, ...]
) -> None:
    assert isinstance(adapter, FindsPost)
    for media in ((), pictures[:2]):
        content, using = Content(text=text("Vedi https://example.org/a e @ida"), media=media), ticket()
        prepared = adapter.prepare(call, content, using)
        receipt = adapter.publish(call, content, using, prepared)
        look = adapter.find(call, content, using, prepared)
        if adapter.listing_is_complete(call.target):
            assert look.receipt is not None
            assert look.receipt.remote_id == receipt.remote_id
        else:
            assert not look.complete


def test_what_never_left_is_not_found(adapter: Adapter, call: Call) -> None:
    assert isinstance(adapter, FindsPost)
    content = Content(text=text())
    look = adapter.find(call, content, ticket(), adapter.prepare(call, content, ticket()))
    assert look.receipt is None
    assert look.complete == adapter.listing_is_complete(call.target)


def test_the_same_words_from_before_the_try_are_not_adopted(adapter: Adapter, call: Call) -> None:
    assert isinstance(adapter, FindsPost)
    content = Content(text=text())
    publish(adapter, call, content)
    later = ticket(ago=-timedelta(minutes=5))
    assert adapter.find(call, content, later, {"media_ids": []}).receipt is None


def test_the_same_words_under_another_post_are_not_adopted(adapter: Adapter, call: Call) -> None:
    assert isinstance(adapter, FindsPost)
    root = publish(adapter, call, Content(text=text()))
    content, using = Content(text=text()), ticket()
    publish(adapter, call, content, using)
    answer = Content(text=content.text, kind="reply", reply_to=root.remote_id)
    assert adapter.find(call, answer, using, {"media_ids": []}).receipt is None


# How it calls


def test_every_call_goes_to_the_platform_with_an_end_in_time(
    adapter: Adapter, call: Call, world: World, pictures: tuple[Media, ...]
) -> None:
    assert isinstance(adapter, FindsPost)
    assert isinstance(adapter, ReadsComments)
    content, using = Content(text=text(), media=pictures[:1]), ticket()
    receipt = publish(adapter, call, content, using)
    adapter.find(call, content, using, {"media_ids": []})
    adapter.comments(call, receipt, "")
    assert len(world.door.went) > 5
    for built in world.door.went:
        assert built.place.origin == world.server == adapter.address(call.target)
        assert 0 < built.timeouts.connect <= 5
        assert 0 < built.timeouts.read <= 60
        assert 0 < built.timeouts.total < math.inf
        assert CANARY not in built.place.target


def test_the_token_is_in_no_error_log_or_repr(
    adapter: Adapter, call: Call, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    said = [repr(call), str(call), f"{call.secrets}"]
    for effect in sorted(world.effects()):
        world.fault(effect)
        try:
            publish(adapter, call, Content(text=text()))
        except AdapterError as error:
            said += [repr(error), str(error), repr(error.__dict__), repr(error.__cause__)]
        world.mend()
    said += [repr(built) for built in world.door.went]
    assert CANARY not in "".join(said) + caplog.text


def test_no_rule_needs_a_call(adapter: Adapter, call: Call) -> None:
    content = Content(text="x" * 9000)
    Call(call.target, call.secrets, ShutDoor())
    assert adapter.problems(content, call.target)
    assert adapter.length(content, call.target).over
    assert adapter.rendition(call.target).max_bytes
