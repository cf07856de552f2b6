"""The page for people: read, comment, like, in Italian and in English."""

import re
from urllib.parse import urlencode

import pytest

from tests.sandbox.running import SandboxProcess, ask, post

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _send(
    sandbox: SandboxProcess, path: str, *, cookie: str = "", origin: str = "", **values: str
) -> tuple[int, str, dict[str, str]]:
    headers = {**FORM, "Cookie": cookie, "Origin": origin or sandbox.url}
    return ask(sandbox, "POST", path, urlencode(values).encode(), headers=headers)


@pytest.fixture
def root(sandbox: SandboxProcess) -> str:
    return str(post(sandbox, "Buongiorno a <tutti>", language="it")[1]["id"])


def _thread(sandbox: SandboxProcess, root: str, *, cookie: str = "") -> str:
    return str(ask(sandbox, "GET", f"/@valdoro/{root}", headers={"Cookie": cookie})[1])


def test_it_speaks_italian_unless_the_browser_prefers_english(sandbox: SandboxProcess, root: str) -> None:
    assert '<html lang="it">' in ask(sandbox, "GET", "/")[1]
    assert "Latest posts" in ask(sandbox, "GET", "/", headers={"Accept-Language": "en-GB,en;q=0.9,it;q=0.5"})[1]
    _, page, headers = ask(sandbox, "GET", "/?lang=en")
    assert "This is a sandbox for trying" in page
    assert headers["set-cookie"].startswith("sandbox_lang=en")
    assert (
        "Gli ultimi post" in ask(sandbox, "GET", "/", headers={"Cookie": "sandbox_lang=it", "Accept-Language": "en"})[1]
    )


def test_what_people_wrote_is_escaped(sandbox: SandboxProcess, root: str) -> None:
    sandbox.comment(root, "<script>alert(1)</script>")
    page = _thread(sandbox, root)
    assert "Buongiorno a &lt;tutti&gt;" in page
    assert "<script" not in page


def test_the_policy_is_strict_and_the_page_needs_no_exception(sandbox: SandboxProcess, root: str) -> None:
    _, page, headers = ask(sandbox, "GET", f"/@valdoro/{root}")
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert not re.search(r"<script|style=|\son\w+=|<style", page)


def test_a_visitor_comments_as_the_person_they_chose(sandbox: SandboxProcess, root: str) -> None:
    status, _, headers = _send(sandbox, "/person", person="ines_moro", next=f"/@valdoro/{root}")
    assert (status, headers["location"]) == (303, f"/@valdoro/{root}")
    assert "HttpOnly; SameSite=Lax" in headers["set-cookie"]
    cookie = headers["set-cookie"].partition(";")[0]
    status, _, headers = _send(sandbox, "/comment", cookie=cookie, root=root, status=root, text="Che bello")
    assert status == 303
    assert headers["location"].startswith(f"/@valdoro/{root}#c")
    [comment] = ask(sandbox, "GET", f"/api/v1/statuses/{root}/context")[1]["descendants"]
    assert comment["account"]["acct"] == "ines_moro"
    assert [one["acct"] for one in comment["mentions"]] == ["valdoro"]
    assert "<p>Che bello</p>" in _thread(sandbox, root)


def test_a_private_comment_is_read_by_the_account_alone(sandbox: SandboxProcess, root: str) -> None:
    _send(sandbox, "/comment", cookie="sandbox_person=ines_moro", root=root, status=root, text="Tra noi", private="1")
    path = f"/api/v1/statuses/{root}/context"
    assert ask(sandbox, "GET", path)[1]["descendants"] == []
    [comment] = ask(sandbox, "GET", path, token="valdoro-token")[1]["descendants"]
    assert comment["visibility"] == "direct"
    assert "Tra noi" not in _thread(sandbox, root, cookie="sandbox_person=luca_bassi")
    assert "Tra noi" in _thread(sandbox, root, cookie="sandbox_person=ines_moro")


def test_too_long_a_comment_comes_back_with_what_was_typed(sandbox: SandboxProcess, root: str) -> None:
    status, page, _ = _send(sandbox, "/comment", root=root, status=root, text="a" * 500)
    assert status == 422
    assert "9 di troppo" in page
    assert "a" * 500 in page
    assert 'aria-invalid="true"' in page


def test_a_like_is_given_and_taken_back(sandbox: SandboxProcess, root: str) -> None:
    cookie = "sandbox_person=ines_moro"
    _send(sandbox, "/like", cookie=cookie, status=root, next="/")
    assert "Ti piace · 1" in _thread(sandbox, root, cookie=cookie)
    assert ask(sandbox, "GET", f"/api/v1/statuses/{root}")[1]["favourites_count"] == 1
    _send(sandbox, "/like", cookie=cookie, status=root, next="/")
    assert "Mi piace · 0" in _thread(sandbox, root, cookie=cookie)


def test_a_visitor_deletes_only_their_own_comment(sandbox: SandboxProcess, root: str) -> None:
    comment = sandbox.comment(root, "Da togliere", person="ines_moro")["id"]
    assert _send(sandbox, "/delete", cookie="sandbox_person=luca_bassi", status=comment)[0] == 404
    assert _send(sandbox, "/delete", cookie="sandbox_person=ines_moro", status=comment)[0] == 303
    assert "Da togliere" not in _thread(sandbox, root)


def test_a_page_of_another_site_writes_nothing(sandbox: SandboxProcess, root: str) -> None:
    status, page, _ = _send(sandbox, "/comment", origin="http://evil.example", root=root, status=root, text="Spam")
    assert status == 403
    assert "non veniva da questa pagina" in page
    assert "Spam" not in _thread(sandbox, root)


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_the_way_back_never_leaves_the_page(sandbox: SandboxProcess, place: str) -> None:
    assert _send(sandbox, "/person", person="ines_moro", next=place)[2]["location"] == "/"


@pytest.mark.parametrize("path", ["/@nobody", "/@valdoro/1", "/nada", "/@valdoro/" + "9" * 40])
def test_what_is_not_there_is_said_in_a_page(sandbox: SandboxProcess, path: str) -> None:
    status, page, _ = ask(sandbox, "GET", path)
    assert status == 404
    assert "Questa pagina non c’è" in page


def test_older_posts_are_a_page_away(sandbox: SandboxProcess) -> None:
    for number in range(21):
        post(sandbox, f"Numero {number}.")
    first = ask(sandbox, "GET", "/@valdoro")[1]
    older = re.search(r'href="(/@valdoro\?max_id=\d+)"', first)
    assert older is not None
    assert "Numero 0." not in first
    assert "Numero 0." in ask(sandbox, "GET", older[1])[1]
