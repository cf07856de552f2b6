"""The sandbox pretends to be software that honours keys, that only lists, or that does neither."""

import pytest

from tests.sandbox.running import SandboxProcess, ask, picture, post

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers]


def _name(sandbox: SandboxProcess) -> str:
    return str(ask(sandbox, "GET", "/nodeinfo/2.0")[1]["software"]["name"])


def _own(sandbox: SandboxProcess) -> tuple[int, list[str]]:
    me = ask(sandbox, "GET", "/api/v1/accounts/verify_credentials", token="valdoro-token")[1]["id"]
    status, body, _ = ask(sandbox, "GET", f"/api/v1/accounts/{me}/statuses", token="valdoro-token")
    return status, [one["id"] for one in body] if status == 200 else []


def test_keyed_software_makes_one_post_of_two_calls(sandbox: SandboxProcess) -> None:
    assert _name(sandbox) == "mastodon"
    first, second = post(sandbox, "Uno", key="k")[1], post(sandbox, "Uno", key="k")[1]
    assert first["id"] == second["id"]
    assert post(sandbox, "Uno", key="other")[1]["id"] != first["id"]


def test_readable_software_ignores_the_key_and_lists_at_once(sandbox: SandboxProcess) -> None:
    sandbox.switch("readable")
    assert _name(sandbox) == "gotosocial"
    made = [post(sandbox, "Uno", key="k")[1]["id"] for _ in range(2)]
    assert len(set(made)) == 2
    assert _own(sandbox) == (200, made[::-1])


def test_opaque_software_does_not_list(sandbox: SandboxProcess) -> None:
    sandbox.switch("opaque")
    assert _name(sandbox) == "sandbox-opaque"
    made = [post(sandbox, "Uno", key="k")[1]["id"] for _ in range(2)]
    assert len(set(made)) == 2
    assert _own(sandbox) == (403, [])


def test_arrivals_are_counted_before_doubles_are_removed(sandbox: SandboxProcess) -> None:
    first = post(sandbox, "Buongiorno", key="k")[1]["id"]
    post(sandbox, "Buongiorno", key="k")
    post(sandbox, "")
    post(sandbox, "Chi sono", token="nobody")
    arrivals = sandbox.arrivals()
    assert [one["stored_id"] for one in arrivals] == [first, first, None, None]
    assert [one["account"] for one in arrivals] == ["valdoro", "valdoro", "valdoro", None]
    assert [one["answered"] for one in arrivals] == [200, 200, 422, 401]
    assert arrivals[0]["digest"] == arrivals[1]["digest"] != arrivals[3]["digest"]
    assert arrivals[0]["arrived_at"] < arrivals[1]["arrived_at"]
    assert len(sandbox.arrivals(account="valdoro")) == 3


def _upload(sandbox: SandboxProcess, content: bytes) -> tuple[int, dict[str, object]]:
    body = (
        b'--mark\r\nContent-Disposition: form-data; name="description"\r\n\r\nUna riga blu\r\n'
        b'--mark\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        + content
        + b"\r\n--mark--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=mark"}
    status, answer, _ = ask(sandbox, "POST", "/api/v2/media", body, token="valdoro-token", headers=headers)
    return status, answer


def test_a_picture_that_is_still_processed_cannot_be_posted_yet(sandbox: SandboxProcess) -> None:
    sandbox.admin("POST", "state", {"processing_ms": 60_000})
    status, media = _upload(sandbox, picture())
    assert (status, media["url"]) == (202, None)
    assert ask(sandbox, "GET", f"/api/v1/media/{media['id']}", token="valdoro-token")[0] == 206
    refused, body = post(sandbox, "Presto", media_ids=[media["id"]])
    assert refused == 422
    assert "have not finished processing" in body["error"]


def test_what_is_no_picture_is_refused(sandbox: SandboxProcess) -> None:
    status, body = _upload(sandbox, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert status == 422
    assert body["error"] == "Validation failed: File content type is invalid, File is invalid"


def test_a_fifth_picture_is_refused(sandbox: SandboxProcess) -> None:
    made = [_upload(sandbox, picture())[1]["id"] for _ in range(5)]
    assert post(sandbox, "Cinque", media_ids=made) == (422, {"error": "Cannot attach more than 4 files"})
    status, answer = post(sandbox, "Quattro", media_ids=made[:4])
    assert status == 200
    assert [one["id"] for one in answer["media_attachments"]] == made[:4]


def test_alternative_text_can_be_changed_before_posting(sandbox: SandboxProcess) -> None:
    media = _upload(sandbox, picture())[1]["id"]
    path = f"/api/v1/media/{media}"
    changed = ask(sandbox, "PUT", path, {"description": "Due righe blu"}, token="valdoro-token")[1]
    assert changed["description"] == "Due righe blu"
    assert ask(sandbox, "PUT", path, {"description": "x"}, token="birra-token")[0] == 404
    assert ask(sandbox, "PUT", path, {"description": "x" * 1501}, token="valdoro-token")[0] == 422


@pytest.mark.parametrize("name", ["scheduled_at", "poll"])
def test_what_the_sandbox_does_not_do_it_refuses(sandbox: SandboxProcess, name: str) -> None:
    body = {"status": "Dopo", name: {"options": ["a"]}}
    assert ask(sandbox, "POST", "/api/v1/statuses", body, token="valdoro-token")[0] == 422


def test_an_answer_to_nothing_is_not_found(sandbox: SandboxProcess) -> None:
    assert post(sandbox, "A chi?", in_reply_to_id="12345") == (404, {"error": "Record not found"})
