"""What a server answers may hold anything: one post of it never stops the clock for all others."""

import pytest

from publisher.clock.results import published
from publisher.contract.answers import Answer
from publisher.contract.content import Receipt
from publisher.models import Publication
from tests.publisher.driving import drive, make_clock
from tests.publisher.fake import World
from tests.publisher.make_publisher import make_channel, make_waiting, now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.mark.parametrize("sign", ["\x00", "\ud800"], ids=["nul", "half a character"])
def test_a_receipt_that_no_database_takes_stops_no_other_post(world: World, sign: str) -> None:
    ill, well = (make_waiting(make_channel(platform="fake"), due_at=now()) for _ in range(2))
    world.answers = [
        lambda _content, ticket: Receipt(f"1{sign}", f"https://x.example/{sign}", extra={"cid": sign})
        if ticket.key == str(ill.key)
        else world.published(ticket)
    ] * 2
    clock = make_clock()
    drive(clock, lambda: Publication.objects.filter(pk=well.pk, state="published").exists())
    drive(clock, lambda: not clock.is_flying())
    assert Publication.objects.get(pk=ill.pk).state == "published"
    assert len(world.calls) == 2


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (rb'{"id": "1\u0000", "a\ud800": ["\uDFFF"]}', {"id": "1\ufffd", "a?": ["?"]}),
        (b'{"id": "\xed\xa0\x80"}', {"id": "?"}),
        (rb'{"id": "\ud83c\udf47", "n": 1}', {"id": "\U0001f347", "n": 1}),
    ],
    ids=["escaped", "raw", "a pair is one letter"],
)
def test_answers_are_read_as_texts_that_can_be_kept(body: bytes, read: dict[str, object]) -> None:
    assert Answer(200, {}, body).json() == read


def test_the_name_that_a_server_gives_a_call_is_one_that_can_be_kept() -> None:
    assert Answer(200, {"x-request-id": "a\x00b"}, b"").request_id == ""
    assert Answer(200, {"x-request-id": "a-b"}, b"").request_id == "a-b"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "/x"])
def test_an_address_that_is_none_of_the_web_is_linked_nowhere(address: str) -> None:
    assert published(Receipt("1", address), due=0, left_at=0)["url"] == ""
    assert published(Receipt("1", "https://x.example/1"), due=0, left_at=0)["url"] == "https://x.example/1"
