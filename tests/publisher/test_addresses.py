"""Which addresses may be called: the table, and the spellings that hide one."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from publisher.contract.addresses import REFUSED_4, REFUSED_6, Refused, is_public, place_of

TABLE = [line.split(" ", 1) for line in Path(__file__).with_name("addresses.txt").read_text("utf-8").splitlines()]
REFUSED = [address for judged, address in TABLE if judged == "refused"]
ALLOWED = [address for judged, address in TABLE if judged == "ordinary"]


@pytest.mark.parametrize("address", REFUSED)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ALLOWED)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(some.ip_addresses())
def test_any_address_is_judged_by_the_table_alone(address: object) -> None:
    found = ip_address(str(address))
    blocks = REFUSED_4 if found.version == 4 else (*REFUSED_6,)
    inside = any(found in block for block in blocks)
    world = found.version == 4 or found in ip_network("2000::/3")
    assert is_public(found) == (world and not inside)


def test_the_table_has_no_gap_at_the_edges_of_its_blocks() -> None:
    for block in (*REFUSED_4, *REFUSED_6):
        assert not is_public(block.network_address)
        assert not is_public(block.broadcast_address)


SPELLINGS = """
file:///etc/passwd gopher://example.org:70/ ftp://example.org/ dict://example.org:11211/ data:text/plain,x javascript:alert(1)
http://a@b https://user:pass@example.org/ https://example.org@127.0.0.1/ https://127.0.0.1\\@example.org/ https://example.org./
https://exa\tmple.org/ https://exam\nple.org/ https://example.org\r\nHost:x/ https:/example.org https:///example.org example.org
//example.org https:// https://:443/ https://[::1 https://[::1]x/ https://example.org:0/ https://example.org:65536/
https://example.org:abc/ https://2130706433/ https://0x7f000001/ https://0x7f.1/ https://0177.0.0.1/ https://127.1/ https://127.0.1/
https://1.2.3.4.5/ https://256.1.1.1/ https://%31%32%37.0.0.1/ https://-x.example/ https://a..b/ https://exämple.\u2024org/\u00e9
"""


@pytest.mark.parametrize(
    "url", [*SPELLINGS.split(" "), " https://example.org", "https://example.org /x", "https://example.org/\u00e9"]
)
def test_a_strange_spelling_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        place_of(url.strip("\n") if url.count("\n") > 1 else url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Social.Example.ORG/a?b#c", "https://social.example.org"),
        ("HTTPS://social.example.org:443", "https://social.example.org"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example"),
        ("https://\uff11\uff12\uff17.0.0.1/", "https://127.0.0.1"),
        ("https://[0:0::1]:8443/", "https://[::1]:8443"),
    ],
)
def test_an_ordinary_spelling_has_one_form(url: str, origin: str) -> None:
    assert place_of(url).origin == origin


def test_the_address_of_a_place_hides_its_path() -> None:
    assert "secret" not in repr(place_of("https://example.org/bot123:secret/send"))
