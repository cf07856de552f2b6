"""How the sandbox speaks HTTP, and who may ask its admin address."""

import http.client
import socket

import pytest

from tests.sandbox.running import SandboxProcess, ask

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers]


def _raw(sandbox: SandboxProcess, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=5) as line:
        line.sendall(sent)
        return line.recv(65536)


def test_one_line_carries_many_calls(sandbox: SandboxProcess) -> None:
    line = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    for _ in range(5):
        line.request("GET", "/api/v2/instance")
        answer = line.getresponse()
        answer.read()
        assert answer.getheader("Connection") == "keep-alive"
    line.close()


def test_a_body_may_come_in_chunks(sandbox: SandboxProcess) -> None:
    line = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    headers = {"Authorization": "Bearer valdoro-token", "Content-Type": "application/json"}
    line.request(
        "POST", "/api/v1/statuses", body=iter([b'{"status":', b'"A pezzi"}']), headers=headers, encode_chunked=True
    )
    answer = line.getresponse()
    assert (answer.status, b"A pezzi" in answer.read()) == (200, True)
    line.close()


def test_a_form_is_as_good_as_json(sandbox: SandboxProcess) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = b"status=Da+modulo&visibility=unlisted&sensitive=true"
    _, answer, _ = ask(sandbox, "POST", "/api/v1/statuses", body, token="valdoro-token", headers=headers)
    assert (answer["content"], answer["visibility"], answer["sensitive"]) == ("<p>Da modulo</p>", "unlisted", True)


def test_a_head_call_gets_no_body(sandbox: SandboxProcess) -> None:
    status, body, headers = ask(sandbox, "HEAD", "/api/v2/instance")
    assert (status, body) == (200, "")
    assert int(headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_good_request_is_refused(sandbox: SandboxProcess, sent: bytes, status: bytes) -> None:
    assert _raw(sandbox, sent).startswith(b"HTTP/1.1 " + status)


def test_broken_json_is_400(sandbox: SandboxProcess) -> None:
    headers = {"Content-Type": "application/json"}
    assert ask(sandbox, "POST", "/api/v1/statuses", b"{", token="valdoro-token", headers=headers)[0] == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_the_admin_address_answers_no_other_site(sandbox: SandboxProcess, headers: dict[str, str]) -> None:
    assert ask(sandbox, "POST", "/_sandbox/reset", {}, headers=headers)[0] == 403


def test_every_api_answer_says_how_many_calls_are_left(sandbox: SandboxProcess) -> None:
    _, _, headers = ask(sandbox, "GET", "/api/v2/instance")
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= set(headers)
