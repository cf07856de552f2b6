"""What the sandbox does wrong when it is asked to."""

import http.client
import time

import pytest

from tests.sandbox.running import SandboxProcess, ask, post

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers]
LOST = (http.client.RemoteDisconnected, ConnectionResetError)


def _stored(sandbox: SandboxProcess) -> int:
    return sandbox.counts()["statuses"]


def test_a_slow_answer_comes_late_though_the_post_is_there_at_once(sandbox: SandboxProcess) -> None:
    sandbox.fault("slow", ms=400, path="/api/v1/statuses", times=1)
    started = time.monotonic()
    assert post(sandbox, "Lento")[0] == 200
    assert time.monotonic() - started >= 0.4
    [arrival] = sandbox.arrivals()
    assert arrival["stored_id"] is not None


def test_a_stalled_call_is_done_late(sandbox: SandboxProcess) -> None:
    sandbox.fault("stall", ms=300, times=1)
    started = time.monotonic()
    assert post(sandbox, "Fermo")[0] == 200
    assert time.monotonic() - started >= 0.3


def test_the_rate_limit_says_when_to_come_back(sandbox: SandboxProcess) -> None:
    sandbox.fault("rate_limited", retry_after=7, times=1)
    status, body, headers = ask(sandbox, "POST", "/api/v1/statuses", {"status": "x"}, token="valdoro-token")
    assert (status, body) == (429, {"error": "Too many requests"})
    assert headers["retry-after"] == "7"
    assert headers["x-ratelimit-remaining"] == "0"
    assert headers["x-ratelimit-reset"].endswith("Z")
    assert _stored(sandbox) == 0
    assert post(sandbox, "x")[0] == 200


def test_unavailable_stores_nothing(sandbox: SandboxProcess) -> None:
    sandbox.fault("unavailable", retry_after=3, times=1)
    status, _, headers = ask(sandbox, "POST", "/api/v1/statuses", {"status": "x"}, token="valdoro-token")
    assert (status, headers["retry-after"]) == (503, "3")
    assert _stored(sandbox) == 0


@pytest.mark.parametrize(("effect", "stored"), [("error_before", 0), ("error_after", 1)])
def test_an_error_can_come_before_or_after_storing(sandbox: SandboxProcess, effect: str, stored: int) -> None:
    sandbox.fault(effect, method="POST", path="/api/v1/statuses", times=1)
    assert post(sandbox, "Errore")[0] == 500
    assert _stored(sandbox) == stored


@pytest.mark.parametrize(("effect", "stored"), [("cut_before", 0), ("cut_after", 1)])
def test_the_line_can_be_cut_before_or_after_storing(sandbox: SandboxProcess, effect: str, stored: int) -> None:
    sandbox.fault(effect, method="POST", path="/api/v1/statuses", times=1)
    with pytest.raises(LOST):
        post(sandbox, "Tagliato", key="k1")
    assert _stored(sandbox) == stored
    assert post(sandbox, "Tagliato", key="k1")[0] == 200
    assert _stored(sandbox) == 1
    arrivals = sandbox.arrivals()
    assert len(arrivals) == 2
    assert (arrivals[0]["stored_id"] is None) is (stored == 0)


def test_a_token_can_fail_for_a_while_or_for_good(sandbox: SandboxProcess) -> None:
    sandbox.fault("unauthorized", times=1)
    assert post(sandbox, "x")[0] == 401
    assert post(sandbox, "x")[0] == 200
    sandbox.admin("POST", "tokens/revoke", {"token": "valdoro-token"})
    assert post(sandbox, "x")[0] == 401


def test_a_rule_strikes_only_the_account_it_names(sandbox: SandboxProcess) -> None:
    sandbox.fault("error_before", account="birra")
    assert post(sandbox, "Da noi")[0] == 200
    assert post(sandbox, "Da loro", token="birra-token")[0] == 500
    sandbox.clear_faults()
    assert post(sandbox, "Da loro", token="birra-token")[0] == 200


def test_a_rule_can_let_the_first_calls_through(sandbox: SandboxProcess) -> None:
    sandbox.fault("error_before", path="/api/v1/statuses", skip=2, times=1)
    assert [post(sandbox, str(number))[0] for number in range(4)] == [200, 200, 500, 200]


def test_a_seed_makes_chance_repeatable(sandbox: SandboxProcess) -> None:
    results = []
    for _ in range(2):
        sandbox.clear_faults()
        sandbox.fault("error_before", probability=0.5, seed=3)
        results.append([post(sandbox, "x")[0] for _ in range(12)])
    assert results[0] == results[1]
    assert set(results[0]) == {200, 500}


def test_every_answer_can_be_delayed(sandbox: SandboxProcess) -> None:
    sandbox.latency(150)
    started = time.monotonic()
    ask(sandbox, "GET", "/api/v2/instance")
    assert time.monotonic() - started >= 0.15
    sandbox.clear_faults()


def test_calls_can_be_limited_for_real(sandbox: SandboxProcess) -> None:
    sandbox.admin("POST", "state", {"rate_limit": 2})
    assert [post(sandbox, "x", token="birra-token")[0] for _ in range(3)][-1] == 429


def test_an_unknown_effect_is_refused_with_the_known_ones(sandbox: SandboxProcess) -> None:
    status, body, _ = ask(sandbox, "POST", "/_sandbox/faults", {"effect": "earthquake"})
    assert status == 422
    assert "cut_after" in body["error"]
