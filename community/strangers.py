"""Words of strangers, made fit to keep and to show: nothing in them can act, hide or turn the page around."""

import re
import unicodedata
from dataclasses import dataclass
from html.parser import HTMLParser

from publisher.contract.answers import storable

# Controls and the characters that turn the direction of text; tab and line end stay in texts.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
UNSEEN_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")
LONGEST_ADDRESS = 500
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE | re.ASCII)


def web_address(address: str) -> str:
    """Return the address where it is one of the web, else nothing."""
    address = storable(address).strip()
    is_web = address.startswith(("https://", "http://"))
    return address if is_web and len(address) <= LONGEST_ADDRESS and not UNSEEN_IN_NAME.search(address) else ""


def language_tag(tag: str) -> str:
    """Return the tag where it has the form of one, short enough to keep, else nothing."""
    return tag if len(tag) <= 16 and LANGUAGE.fullmatch(tag) else ""


def _spelled(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found.group()):04X}⟩"


def seen_name(name: str) -> str:
    """Return a name whose invisible characters are written out."""
    return UNSEEN_IN_NAME.sub(_spelled, name).strip()


def seen_text(text: str) -> str:
    """Return a text whose invisible characters are written out; its lines stay."""
    return UNSEEN.sub(_spelled, text.replace("\r\n", "\n"))


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, and where they lead to where they are a link."""

    words: str
    address: str = ""


class Pieces(HTMLParser):
    """Takes cleaned HTML apart: words and addresses, nothing of the markup itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Piece] = []
        self.address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where a link leads, and break lines."""
        if tag == "a":
            self.address = web_address(dict(attrs).get("href") or "")
        elif tag == "br":
            self.found.append(Piece("\n"))

    def handle_endtag(self, tag: str) -> None:
        """End links and paragraphs."""
        if tag == "a":
            self.address = ""
        elif tag == "p":
            self.found.append(Piece("\n\n"))

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        self.found.append(Piece(seen_text(data), self.address))


def pieces_of(html: str) -> list[Piece]:
    """Return the words of cleaned HTML with their links; white space at the end is left out."""
    reader = Pieces()
    reader.feed(html)
    reader.close()
    while reader.found and not reader.found[-1].words.strip():
        reader.found.pop()
    return reader.found


def initials(name: str) -> str:
    """Return at most two letters for the round crest, a dot where a name has none."""
    letters = [next((sign for sign in word if unicodedata.category(sign)[0] in "LN"), "") for word in name.split()]
    return "".join(letter for letter in letters if letter)[:2].upper() or "·"
