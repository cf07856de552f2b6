"""How much the door takes and how long it waits; what surely did not leave, and what may have."""

import gzip
import socket
import threading
import time
import tracemalloc
from contextlib import suppress

import pytest

from publisher.contract.http import AnswerLost, Door, DoorRefused, NotConnected, Timeouts
from tests.publisher.listening import here, listening, names, never, ok, says

SHORT = Timeouts(connect=1, read=0.3, total=1.0)


# Time and amount


@pytest.mark.enable_socket
@pytest.mark.parametrize("head", [True, False], ids=["in the head", "in the body"])
def test_a_slow_drip_ends_with_the_whole_time(head: bool) -> None:
    begin = b"HTTP/1.1 200 OK\r\n" + (b"" if head else b"Content-Length: 900\r\n\r\n")
    with listening(says(begin, *[b"x"] * 60, pause=0.1)) as (port, _seen):
        started = time.monotonic()
        with pytest.raises(AnswerLost):
            here().call("GET", f"http://127.0.0.1:{port}/", timeouts=SHORT)
        assert time.monotonic() - started < 2


@pytest.mark.enable_socket
def test_a_silent_server_ends_with_the_read_time() -> None:
    with listening(says(b"", pause=3)) as (port, _seen):
        started = time.monotonic()
        with pytest.raises(AnswerLost):
            here().call("POST", f"http://127.0.0.1:{port}/", json={}, timeouts=SHORT)
        assert time.monotonic() - started < 1


@pytest.mark.enable_socket
def test_an_endless_stream_of_chunks_is_cut() -> None:
    piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    with (
        listening(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[piece] * 200)) as (port, _seen),
        pytest.raises(AnswerLost),
    ):
        here().call("GET", f"http://127.0.0.1:{port}/")


@pytest.mark.enable_socket
def test_endless_headers_are_cut() -> None:
    with (
        listening(says(b"HTTP/1.1 200 OK\r\n", *[b"X-More: " + b"y" * 30000 + b"\r\n"] * 90)) as (port, _seen),
        pytest.raises(AnswerLost),
    ):
        here().call("GET", f"http://127.0.0.1:{port}/")


@pytest.mark.enable_socket
def test_endless_interim_answers_are_cut() -> None:
    with listening(says(*[b"HTTP/1.1 100 Continue\r\n\r\n" * 1000] * 9)) as (port, _seen), pytest.raises(AnswerLost):
        here().call("GET", f"http://127.0.0.1:{port}/", timeouts=SHORT)


@pytest.mark.enable_socket
def test_a_small_zip_that_becomes_huge_is_cut_while_it_grows() -> None:
    bomb = gzip.compress(bytes(300_000_000))
    with listening(says(ok(bomb, b"Content-Encoding: gzip"))) as (port, _seen):
        tracemalloc.start()
        with pytest.raises(AnswerLost):
            here().call("GET", f"http://127.0.0.1:{port}/")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.enable_socket
def test_a_length_that_promises_too_much_is_a_lost_answer() -> None:
    with (
        listening(says(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}")) as (port, _seen),
        pytest.raises(AnswerLost) as caught,
    ):
        here().call("POST", f"http://127.0.0.1:{port}/", json={})
    assert caught.value.status == 200


@pytest.mark.enable_socket
def test_what_follows_a_length_that_promises_too_little_is_never_read_as_an_answer() -> None:
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[666]"

    def serve(opened: socket.socket) -> None:
        opened.sendall(smuggled)
        opened.recv(65536)

    with listening(serve) as (port, _seen):
        door = here()
        assert door.call("GET", f"http://127.0.0.1:{port}/").json() == {}
        with suppress(AnswerLost):
            assert door.call("GET", f"http://127.0.0.1:{port}/").json() == {}


@pytest.mark.enable_socket
def test_media_may_be_larger_than_json() -> None:
    with listening(says(ok(b"x" * 3_000_000))) as (port, _seen):
        assert len(here().call("GET", f"http://127.0.0.1:{port}/", max_bytes=20_000_000).body) == 3_000_000


# What surely did not leave, and what may have


@pytest.mark.enable_socket
def test_a_port_where_nobody_listens_is_surely_not_sent() -> None:
    with pytest.raises(NotConnected):
        here().call("POST", "http://127.0.0.1:1/", json={})


def test_a_name_without_an_address_is_surely_not_sent() -> None:
    resolver, _asked = names([])
    with pytest.raises(NotConnected):
        Door(resolver=resolver, dialler=never).call("POST", "https://nowhere.example/", json={})


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
def test_a_cut_answer_is_in_doubt(answer: bytes) -> None:
    with listening(says(answer)) as (port, _seen), pytest.raises(AnswerLost):
        here().call("POST", f"http://127.0.0.1:{port}/", json={})


@pytest.mark.enable_socket
def test_an_idle_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(opened: socket.socket) -> None:
        for _ in range(2):
            opened.sendall(ok())
            opened.recv(65536)

    with listening(twice) as (port, seen):
        door = here()
        door.call("GET", f"http://127.0.0.1:{port}/")
        door.call("GET", f"http://127.0.0.1:{port}/")
        assert seen.count("connected") == 1
        monkeypatch.setattr("publisher.contract.wire.IDLE_S", -1.0)
        door.call("GET", f"http://127.0.0.1:{port}/")
        assert seen.count("connected") == 2


@pytest.mark.enable_socket
def test_warming_opens_connections_and_asks_nothing() -> None:
    with listening(says(ok())) as (port, seen):
        door = here()
        door.warm(f"http://127.0.0.1:{port}/", count=3)
        time.sleep(0.1)
        assert seen == ["connected"] * 3
        door.call("GET", f"http://127.0.0.1:{port}/")
        assert seen.count("connected") == 3
    with pytest.raises(NotConnected):
        here().warm("http://127.0.0.1:1/")
    with pytest.raises(DoorRefused):
        Door().warm(f"http://127.0.0.1:{port}/")


@pytest.mark.enable_socket
def test_a_request_with_a_small_body_leaves_in_one_piece_and_a_large_one_whole() -> None:
    with listening(says(ok())) as (port, seen):
        here().call("POST", f"http://127.0.0.1:{port}/", json={"status": "Buongiorno."})
        assert seen[-1].endswith('\r\n\r\n{"status":"Buongiorno."}'), "head and body came in one reading"
    got: list[int] = []

    def count(opened: socket.socket) -> None:
        opened.settimeout(0.5)
        got.append(len(seen[-1]))
        with suppress(TimeoutError):
            while piece := opened.recv(65536):
                got.append(len(piece))
        opened.sendall(ok())

    with listening(count) as (port, seen):
        here().call("POST", f"http://127.0.0.1:{port}/", content=b"x" * 100_000, headers={"X-End": "1"})
    assert sum(got) - len(seen[-1].partition("\r\n\r\n")[0]) - 4 == 100_000


@pytest.mark.enable_socket
def test_connections_are_opened_side_by_side() -> None:
    with listening(says(ok())) as (port, seen):
        door = here()
        openings = door.openings(f"http://127.0.0.1:{port}/", count=3)
        threads = [threading.Thread(target=open_one) for open_one in openings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        time.sleep(0.1)
        assert seen == ["connected"] * 3
        for open_one in door.openings(f"http://127.0.0.1:{port}/", count=3):
            open_one()
        time.sleep(0.1)
        assert seen == ["connected"] * 3, "open ones are taken first"
    with pytest.raises(NotConnected):
        here().openings("http://127.0.0.1:1/", count=1)[0]()
