"""What the sandbox was told survives its sudden end."""

import signal
from pathlib import Path

import pytest

from benchmarks.sandbox_process import NotReadyError
from tests.sandbox.running import SandboxProcess, ask, picture, post, running_sandbox, start_sandbox

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers]


def _thread(sandbox: SandboxProcess, number: str) -> list[str]:
    context = ask(sandbox, "GET", f"/api/v1/statuses/{number}/context", token="valdoro-token")[1]
    return [one["id"] for one in context["descendants"]]


@pytest.mark.crash
def test_after_a_kill_everything_is_there_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    before = start_sandbox(journal=journal, arguments=["--software", "keyed"])
    before.add_accounts(["valdoro"])
    root = post(before, "Il post", key="k1")[1]["id"]
    comment = before.comment(root, "Bello")["id"]
    gone = before.comment(root, "Via")["id"]
    before.admin("POST", "comments/change", {"status_id": gone, "delete": True})
    before.admin("POST", "comments/change", {"status_id": comment, "text": "@valdoro Bellissimo"})
    ask(before, "POST", f"/api/v1/statuses/{comment}/favourite", token="valdoro-token")
    arrivals = before.arrivals()
    before.kill()
    after = start_sandbox(journal=journal)
    try:
        assert post(after, "Il post", key="k1")[1]["id"] == root
        assert _thread(after, root) == [comment]
        shown = ask(after, "GET", f"/api/v1/statuses/{comment}", token="valdoro-token")[1]
        assert (shown["favourited"], shown["edited_at"] is not None) == (True, True)
        assert after.arrivals()[:-1] == arrivals
        news = ask(after, "GET", "/api/v1/notifications", token="valdoro-token")[1]
        assert [one["status"]["id"] for one in news] == [comment]
        assert int(post(after, "Dopo")[1]["id"]) > int(gone)
    finally:
        after.stop()


@pytest.mark.crash
def test_uploaded_files_outlive_a_kill(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    body = (
        b'--m\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + picture() + b"\r\n--m--\r\n"
    )
    before = start_sandbox(journal=journal)
    before.add_accounts(["valdoro"])
    headers = {"Content-Type": "multipart/form-data; boundary=m"}
    address = ask(before, "POST", "/api/v2/media", body, token="valdoro-token", headers=headers)[1]["url"]
    before.kill()
    with running_sandbox(journal=journal) as after:
        path = "/media/" + address.rpartition("/")[2]
        assert ask(after, "GET", path)[0] == 200
        assert (journal.with_name("journal.media") / path.removeprefix("/media/")).read_bytes() == picture()


def test_a_line_that_a_crash_cut_short_is_dropped(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with running_sandbox(accounts=["valdoro"], journal=journal) as before:
        post(before, "Intero")
    with journal.open("ab") as file:
        file.write(b'{"do":"status","id":12')
    with running_sandbox(journal=journal) as after:
        assert after.counts()["statuses"] == 1
        assert post(after, "Ancora")[0] == 200
    with running_sandbox(journal=journal) as again:
        assert again.counts()["statuses"] == 2


def test_reset_forgets_the_journal_too(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with running_sandbox(accounts=["valdoro"], journal=journal, software="readable") as before:
        post(before, "Via tutto")
        before.admin("POST", "reset")
        assert before.counts()["statuses"] == 0
        assert post(before, "Chi sono")[0] == 401
    with running_sandbox(journal=journal, software="readable") as after:
        assert after.counts()["statuses"] == 0
        assert after.admin("GET", "state")["software"] == "readable"


def test_the_software_is_remembered_when_none_is_named(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with running_sandbox(journal=journal, software="opaque"):
        pass
    again = start_sandbox(journal=journal)
    try:
        assert again.admin("GET", "state")["software"] == "opaque"
    finally:
        assert again.stop() == 0


def test_asked_to_end_it_ends_cleanly_even_with_open_lines() -> None:
    sandbox = start_sandbox()
    sandbox.latency(30_000)
    sandbox.process.send_signal(signal.SIGTERM)
    assert sandbox.stop() == 0


def test_a_port_in_use_is_said_in_a_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with running_sandbox() as first, pytest.raises(NotReadyError):
        start_sandbox(port=first.port)
    assert "something else listens there. Choose another with --port" in capfd.readouterr().err


def test_the_seed_file_names_accounts_and_people(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(
        '{"accounts": [{"username": "valdoro", "token": "valdoro-token", "app": "Palinsesto"}],'
        ' "people": [{"username": "zoe", "display_name": "Zoe Fiore"}]}',
        encoding="utf-8",
    )
    with running_sandbox(journal=tmp_path / "journal", arguments=["--seed", str(seed)]) as sandbox:
        made = post(sandbox, "Dal seme")[1]
        assert made["application"]["name"] == "Palinsesto"
        assert sandbox.comment(made["id"], "Ciao")["account"]["display_name"] == "Zoe Fiore"
    with running_sandbox(journal=tmp_path / "journal", arguments=["--seed", str(seed)]) as again:
        assert again.counts()["accounts"] == 2
