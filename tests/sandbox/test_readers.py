"""Made-up readers: they comment a little, one is angry, and nobody goes on for ever."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.running import SandboxProcess, ask, post, running_sandbox

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers]
QUICK = ["--readers", "--readers-delay", "0.05-0.2"]


def _comments(sandbox: SandboxProcess, root: str) -> list[dict[str, Any]]:
    context = ask(sandbox, "GET", f"/api/v1/statuses/{root}/context", token="valdoro-token")[1]
    return list(context["descendants"])


def _wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not until() and time.monotonic() < end:
        time.sleep(0.05)
    assert until()


def test_a_post_gets_two_comments_and_one_is_angry(tmp_path: Path) -> None:
    with running_sandbox(accounts=["valdoro"], journal=tmp_path / "journal", arguments=QUICK) as sandbox:
        root = post(sandbox, "Il post")[1]["id"]
        _wait(lambda: len(_comments(sandbox, root)) == 2)
        assert any("bottiglie rotte" in one["content"] for one in _comments(sandbox, root))
        second = post(sandbox, "Un altro post")[1]["id"]
        _wait(lambda: len(_comments(sandbox, second)) == 2)
        assert not any("bottiglie rotte" in one["content"] for one in _comments(sandbox, second))


def test_an_answer_is_thanked_once_and_never_again(tmp_path: Path) -> None:
    with running_sandbox(accounts=["valdoro"], journal=tmp_path / "journal", arguments=QUICK) as sandbox:
        root = post(sandbox, "Il post")[1]["id"]
        _wait(lambda: len(_comments(sandbox, root)) == 2)
        asked = _comments(sandbox, root)[0]
        answer = {"in_reply_to_id": asked["id"], "text": f"@{asked['account']['acct']} Eccoci"}
        post(sandbox, answer["text"], in_reply_to_id=answer["in_reply_to_id"])
        _wait(lambda: len(_comments(sandbox, root)) == 4)
        thanks = _comments(sandbox, root)[2]
        assert thanks["account"]["id"] == asked["account"]["id"]
        post(sandbox, "@" + asked["account"]["acct"] + " Prego", in_reply_to_id=thanks["id"])
        post(sandbox, answer["text"] + " di nuovo", in_reply_to_id=answer["in_reply_to_id"])
        time.sleep(0.5)
        assert len(_comments(sandbox, root)) == 6


def test_without_the_option_nobody_writes(sandbox: SandboxProcess) -> None:
    root = post(sandbox, "Il post")[1]["id"]
    time.sleep(0.3)
    assert _comments(sandbox, root) == []
