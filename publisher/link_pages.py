"""What a page says of itself, for the card of a link: read through the guarded door, once, when somebody asks for it."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from html.parser import HTMLParser
from urllib.parse import urljoin

from publisher.contract.answers import Answer, storable
from publisher.contract.http import Door, DoorError, Timeouts

PATIENCE = Timeouts(connect=3.0, read=5.0, total=10.0)
PAGE_BYTES, PICTURE_BYTES, TITLE, WORDS = 2_000_000, 5_000_000, 300, 1000
ENCODINGS = re.compile(r"ascii|utf-(8|16)|iso8859-|cp(125|874|9)|tis|koi8|mac-|gb|big5|euc|shift|iso2022")
"""What pages are written in; other encodings of Python's are no writing, and some take minutes."""
NAMES = {
    "og:title": "title",
    "og:description": "words",
    "description": "words",
    "og:image:secure_url": "picture",
    "og:image": "picture",
}


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Title, words and the address of a picture, each empty where the page has none."""

    title: str = ""
    words: str = ""
    picture: str = ""


class Head(HTMLParser):
    """Collects what the head of a page says; the first of each name counts, and ``og:`` before the rest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self.title: list[str] = []
        self.is_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a meta tag's content."""
        values = {name: value or "" for name, value in attrs}
        name = (values.get("property") or values.get("name") or "").lower()
        if tag == "meta" and name in NAMES and values.get("content", "").strip():
            self.found.setdefault(name, " ".join(values["content"].split()))
        self.is_title = tag == "title" and not self.title

    def handle_endtag(self, tag: str) -> None:
        """End the title."""
        self.is_title = self.is_title and tag != "title"

    def handle_data(self, data: str) -> None:
        """Keep the title's words."""
        if self.is_title:
            self.title.append(data)


def read_link_page(door: Door, url: str) -> LinkPage:
    """Return what the page says; an empty one where it cannot be read or says nothing."""
    headers = {"Accept": "text/html"}
    try:
        answer = door.call("GET", url, headers=headers, timeouts=PATIENCE, max_bytes=PAGE_BYTES, redirects=3)
    except DoorError:
        return LinkPage()
    if not answer.is_ok or "html" not in answer.headers.get("content-type", "html"):
        return LinkPage()
    head = Head()
    with suppress(AssertionError):  # marked sections that are none; what was read until there counts
        head.feed(words_in(answer))
    found = {NAMES[name]: head.found[name] for name in reversed(NAMES) if name in head.found}
    title = found.get("title") or " ".join("".join(head.title).split())
    return LinkPage(title[:TITLE], found.get("words", "")[:WORDS], picture_at(url, found.get("picture", "")))


def picture_at(url: str, told: str) -> str:
    """Return the whole address of a page's picture, or nothing where there is none."""
    try:
        address = urljoin(url, told) if told else ""
    except ValueError:
        return ""
    return address if address.startswith("http") else ""


def read_link_picture(door: Door, url: str) -> bytes:
    """Return the bytes of a page's picture, or nothing."""
    headers = {"Accept": "image/*"}
    try:
        answer = door.call("GET", url, headers=headers, timeouts=PATIENCE, max_bytes=PICTURE_BYTES, redirects=3)
    except DoorError:
        return b""
    return answer.body if answer.is_ok else b""


def words_in(answer: Answer) -> str:
    """Return the page as text, in the encoding that it says or in UTF-8."""
    told = Message()
    told["content-type"] = answer.headers.get("content-type", "")
    try:
        name = codecs.lookup(told.get_content_charset() or "utf-8").name
    except (LookupError, ValueError):
        name = ""
    return storable(answer.body.decode(name if ENCODINGS.match(name) else "utf-8", errors="replace"))
