"""The one door to the network: which addresses it calls, and what it carries there."""

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from publisher.contract.content import Secrets
from publisher.contract.http import Door, DoorError, DoorRefused, FilePart, NotConnected, Timeouts
from tests.publisher.listening import Serve, here, listening, names, never, ok, says

TABLE = [line.split(" ", 1) for line in Path(__file__).with_name("addresses.txt").read_text("utf-8").splitlines()]
HOSTILE = [host for judged, host in TABLE if judged == "hostile"]
ANY = ["0.0.0.0", "224.0.0.1", "255.255.255.255", "[::]", "[ff02::1]"]  # noqa: S104  (asked for, never bound)


@pytest.mark.enable_socket
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", HOSTILE)
def test_a_listener_on_this_machine_sees_no_connection(host: str, scheme: str) -> None:
    with listening(says(ok())) as (port, seen):
        with pytest.raises(DoorRefused):
            Door().call("GET", f"{scheme}://{host}:{port}/")
        assert seen == []


@pytest.mark.enable_socket
def test_a_listed_network_is_called_and_others_stay_refused() -> None:
    with listening(says(ok(b'{"a":1}'))) as (port, _seen):
        assert here().call("GET", f"http://127.0.0.1:{port}/x").json() == {"a": 1}
        with pytest.raises(DoorRefused):
            Door(private_networks=["10.0.0.0/8"]).call("GET", f"http://127.0.0.1:{port}/")
    with pytest.raises(DoorRefused):
        here().call("GET", "http://192.168.1.1/")


def test_nobody_can_list_multicast_or_the_unspecified_address() -> None:
    everything = Door(private_networks=["0.0.0.0/0", "::/0"])
    for host in ANY:
        with pytest.raises(DoorRefused):
            everything.call("GET", f"http://{host}:8080/")


@pytest.mark.parametrize("url", ["http://93.184.216.34/", "https://93.184.216.34:8443/", "https://93.184.216.34:22/"])
def test_public_hosts_are_called_by_https_on_its_own_port_only(url: str) -> None:
    with pytest.raises(DoorRefused):
        Door(dialler=never).call("GET", url)


def test_a_name_is_asked_once_and_only_the_checked_address_is_dialled() -> None:
    resolver, asked = names(["93.184.216.34"], ["127.0.0.1"])
    dialled: list[str] = []

    def dialler(address: object, _port: int, _timeout: float) -> socket.socket:
        dialled.append(str(address))
        raise OSError

    with pytest.raises(NotConnected):
        Door(resolver=resolver, dialler=dialler).call("GET", "https://rebinding.example/")
    assert (asked, dialled) == (["rebinding.example"], ["93.184.216.34"])


@pytest.mark.parametrize("second", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1", "169.254.169.254"])
def test_one_special_answer_among_public_ones_refuses_the_whole_name(second: str) -> None:
    resolver, _asked = names(["93.184.216.34", second])
    with pytest.raises(DoorRefused):
        Door(resolver=resolver, dialler=never).call("GET", "https://mixed.example/")


def test_the_next_address_is_tried_when_the_first_does_not_answer() -> None:
    resolver, _asked = names(["2606:4700::1", "93.184.216.34"])
    dialled: list[str] = []

    def dialler(address: object, _port: int, _timeout: float) -> socket.socket:
        dialled.append(str(address))
        raise OSError

    with pytest.raises(NotConnected):
        Door(resolver=resolver, dialler=dialler).call("GET", "https://two.example/")
    assert dialled == ["2606:4700::1", "93.184.216.34"]


def test_a_resolver_that_hangs_costs_no_more_than_a_connection() -> None:
    def resolver(_host: str, _port: int) -> Sequence[str]:
        time.sleep(3)
        return []

    started = time.monotonic()
    with pytest.raises(NotConnected):
        Door(resolver=resolver, dialler=never).call("GET", "https://slow.example/", timeouts=Timeouts(connect=0.2))
    assert time.monotonic() - started < 1.5


@pytest.mark.enable_socket
def test_we_do_not_call_ourselves_under_any_name() -> None:
    with listening(says(ok())) as (port, seen):
        door = here(ourselves=[f"http://127.0.0.1:{port}"])
        for host in ("127.0.0.1", "localhost", "127.0.0.2"):
            with pytest.raises(DoorRefused):
                door.call("GET", f"http://{host}:{port}/")
        assert seen == []


# Redirects


def redirect(to: str) -> Serve:
    """Return a server that sends elsewhere."""
    return says(f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.mark.enable_socket
def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with listening(says(ok())) as (inner, seen), listening(redirect(f"http://127.0.0.1:{inner}/")) as (outer, _):
        assert here().call("GET", f"http://127.0.0.1:{outer}/").status == 302
        assert seen == []


@pytest.mark.enable_socket
def test_a_followed_redirect_never_carries_the_token_to_another_host() -> None:
    with listening(says(ok())) as (inner, seen), listening(redirect(f"http://localhost:{inner}/x")) as (outer, first):
        answer = here().call("GET", f"http://127.0.0.1:{outer}/", redirects=3, secrets=Secrets(access="sesame"))
        assert answer.status == 200
        assert "sesame" in first[1]
        assert "sesame" not in seen[1]


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "http://10.0.0.1/", "http://169.254.169.254/latest", "https://a@b/", "gopher://x/"]
)
def test_a_followed_redirect_goes_through_the_same_rules(to: str) -> None:
    with listening(redirect(to)) as (port, _seen), pytest.raises(DoorRefused):
        here().call("GET", f"http://127.0.0.1:{port}/", redirects=3)


@pytest.mark.enable_socket
def test_a_redirect_is_followed_three_times_at_most_and_never_for_a_post() -> None:
    with listening(redirect("/again")) as (port, seen):
        assert here().call("GET", f"http://127.0.0.1:{port}/", redirects=9).status == 302
        assert seen.count("connected") == 4
        seen.clear()
        assert here().call("POST", f"http://127.0.0.1:{port}/", redirects=9, json={}).status == 302
        assert seen.count("connected") == 1


# Certificates, proxies, cookies


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody vouches for, for the name tls.example."""
    folder = tmp_path_factory.mktemp("tls")
    both = folder / "both.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
            ),
            *("-subj", "/CN=tls.example", "-addext", "subjectAltName=DNS:tls.example"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@contextmanager
def tls_server(certificate: Path) -> Iterator[tuple[int, list[str], list[str | None]]]:
    """A TLS listener that notes the name it is asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[str | None] = []
    context.sni_callback = lambda _sock, name, _context: asked.append(name)
    with listening(says(ok()), wrap=lambda taken: context.wrap_socket(taken, server_side=True)) as (port, seen):
        yield port, seen, asked


@pytest.mark.enable_socket
def test_a_certificate_that_nobody_vouches_for_is_refused_before_a_byte_leaves(certificate: Path) -> None:
    resolver, _asked = names(["127.0.0.1"])
    with tls_server(certificate) as (port, seen, _names):
        with pytest.raises(NotConnected):
            here(resolver=resolver).call(
                "POST", f"https://tls.example:{port}/", secrets=Secrets(access="sesame"), json={}
            )
        assert seen == ["connected"]


@pytest.mark.enable_socket
def test_the_certificate_is_checked_for_the_name_whatever_address_is_dialled(certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    resolver, _asked = names(["127.0.0.1"])
    with tls_server(certificate) as (port, _seen, asked):
        door = here(resolver=resolver, tls=trusting)
        assert door.call("GET", f"https://tls.example:{port}/").is_ok
        assert asked == ["tls.example"]
        with pytest.raises(NotConnected):
            door.call("GET", f"https://other.example:{port}/")


@pytest.mark.enable_socket
def test_proxies_and_netrc_of_the_environment_have_no_effect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password sesame\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with listening(says(ok())) as (proxy, asked), listening(says(ok())) as (port, seen):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        monkeypatch.delenv("no_proxy", raising=False)
        here().call("GET", f"http://127.0.0.1:{port}/")
        assert asked == []
        assert "authorization" not in seen[1].lower()


@pytest.mark.enable_socket
def test_cookies_are_refused() -> None:
    with listening(says(ok(b"{}", b"Set-Cookie: a=b", b"Connection: close"))) as (port, seen):
        door = here()
        assert "set-cookie" not in door.call("GET", f"http://127.0.0.1:{port}/").headers
        door.call("GET", f"http://127.0.0.1:{port}/")
        assert "cookie" not in "".join(seen).lower()


# Building


def test_a_built_request_is_fixed_to_the_byte_and_hides_its_secrets() -> None:
    door = Door()
    one, two = (
        door.build("POST", "https://example.org/x", json={"text": "perché"}, secrets=Secrets(access=token))
        for token in ("sesame", "another")
    )
    assert one.body == '{"text":"perché"}'.encode()
    assert one.sha256 == two.sha256
    assert one.sha256 != door.build("POST", "https://example.org/x", json={"text": "perche"}).sha256
    assert "sesame" not in repr(one)


@pytest.mark.enable_socket
def test_a_file_goes_up_with_its_fields(tmp_path: Path) -> None:
    picture = tmp_path / "secret name.jpg"
    picture.write_bytes(b"\xff\xd8bytes")

    def serve(opened: socket.socket) -> None:
        while not seen[-1].endswith("--\r\n"):
            seen.append(opened.recv(65536).decode("latin-1"))
        opened.sendall(ok())

    with listening(serve) as (port, seen):
        form = {"description": "Una vigna, d’inverno"}
        files = [FilePart("file", str(picture), "image/jpeg", "one.jpeg")]
        here().call("POST", f"http://127.0.0.1:{port}/", data=form, files=files)
        sent = "".join(seen).encode("latin-1")
    assert "Una vigna, d’inverno".encode() in sent
    assert b'filename="one.jpeg"' in sent
    assert b"secret name" not in sent


def test_header_injection_ends_before_anything_leaves() -> None:
    with pytest.raises((DoorError, ValueError)):
        here(dialler=never).call("GET", "http://127.0.0.1/", headers={"X": "a\r\nY: b"})


@pytest.mark.enable_socket
def test_each_process_opens_its_own_connections() -> None:
    def many(opened: socket.socket) -> None:
        for _ in range(4):
            opened.sendall(ok())
            opened.recv(65536)

    with listening(many) as (port, seen):
        door = here()
        door.call("GET", f"http://127.0.0.1:{port}/")
        child = os.fork()
        if not child:
            door.call("GET", f"http://127.0.0.1:{port}/")
            os._exit(0)
        os.waitpid(child, 0)
        assert seen.count("connected") == 2


@pytest.mark.enable_socket
def test_errors_name_neither_address_nor_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with listening(says(b"")) as (port, _seen), pytest.raises(DoorError) as caught:
        here().call("GET", f"http://127.0.0.1:{port}/bot1:sesame/x", secrets=Secrets(access="sesame"))
    assert "sesame" not in f"{caught.value!r}{caught.value.__dict__}{caplog.text}"
    assert caught.value.__suppress_context__
