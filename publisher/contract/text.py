"""Text as platforms count it, and strangers' HTML made harmless."""

import re
import unicodedata
from html.parser import HTMLParser

import nh3
import regex

URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\"'.,;:!?)\]}]", re.IGNORECASE)
AT_DOMAIN = re.compile(r"(?<![=/\w])(@\w+(?:[.-]+\w+)*)@[\w.-]+\w")
GRAPHEME = regex.compile(r"\X")
LINKS_ONLY = {"p", "br", "a", "span"}
BREAKS = {"p": "\n\n", "div": "\n\n", "blockquote": "\n\n", "li": "\n", "pre": "\n\n"}
SILENT = {"script", "style", "template"}


def graphemes(text: str) -> int:
    """Return how many letters a person sees: a family emoji is one."""
    return len(text) if text.isascii() and "\r" not in text else len(GRAPHEME.findall(text))


def clean_html(html: str) -> str:
    """Return HTML with paragraphs and links alone; links say that they are a stranger's."""
    return nh3.clean(
        html,
        tags=LINKS_ONLY,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="noopener nofollow ugc",
        strip_comments=True,
    )


class Plain(HTMLParser):
    """Collects the words of HTML with its line breaks. A link is read as its address, which display may shorten."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent = 0
        self.link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break lines, note links, and fall silent inside what is no text."""
        if tag == "br":
            self.words.append("\n")
        elif tag == "a":
            self.link = (dict(attrs).get("href") or "", len(self.words))
        self.silent += tag in SILENT

    def handle_endtag(self, tag: str) -> None:
        """Break lines after blocks; write the address of a link that is neither a mention nor a hashtag."""
        if tag == "a" and self.link is not None:
            address, since = self.link
            shown = "".join(self.words[since:])
            if address and not shown.lstrip().startswith(("@", "#")):
                self.words[since:] = [address]
            self.link = None
        self.words.append(BREAKS.get(tag, ""))
        self.silent = max(0, self.silent - (tag in SILENT))

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self.silent:
            self.words.append(data)


def plain_of(html: str) -> str:
    """Return the words of HTML as plain text."""
    reader = Plain()
    reader.feed(html)
    reader.close()
    return "".join(reader.words).strip()


def folded(text: str) -> str:
    """Return a text without its white space in one Unicode form, to compare what two sides wrote down."""
    return "".join(unicodedata.normalize("NFC", text).split())


def with_link(text: str, link: str) -> str:
    """Return a text with its link below, unless it stands in the text already."""
    return text if not link or link in text else f"{text}\n\n{link}".lstrip()


def addressed(text: str, handle: str) -> str:
    """Return an answer that names the person in front, unless it names them already."""
    name = "@" + handle.lstrip("@")
    return text if name == "@" or name.lower() in text.lower().split() else f"{name} {text}"
