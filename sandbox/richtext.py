"""Plain text turned into the HTML that a Mastodon server answers."""

import re
from collections.abc import Callable
from html import escape

from sandbox.counting import HASHTAG, MENTION, URL
from sandbox.records import Account

Find = Callable[[str], Account | None]


def mentioned(text: str, *, find: Find) -> list[Account]:
    """The known accounts that a text names, each once, in order."""
    found: dict[int, Account] = {}
    for hit in MENTION.finditer(URL.sub(" ", text)):
        account = find(f"{hit[1]}@{hit[2]}") if hit[2] else None
        account = account or find(hit[1])
        if account is not None:
            found.setdefault(account.id, account)
    return list(found.values())


def hashtags(text: str) -> list[str]:
    return list(dict.fromkeys(hit[1].lower() for hit in HASHTAG.finditer(URL.sub(" ", text))))


def as_html(text: str, *, base: str, find: Find) -> str:
    """Paragraphs with links, names and tags; everything else escaped."""
    paragraphs = [part for part in re.split(r"\n{2,}", text.replace("\r\n", "\n").strip()) if part]
    return "".join(f"<p>{_line(part, base=base, find=find)}</p>" for part in paragraphs)


def _line(text: str, *, base: str, find: Find) -> str:
    pieces: list[str] = []
    end = 0
    for hit in re.finditer(
        f"(?P<url>{URL.pattern})|(?P<name>{MENTION.pattern})|(?P<tag>{HASHTAG.pattern})", text, re.IGNORECASE
    ):
        pieces.append(escape(text[end : hit.start()]))
        pieces.append(_link(hit, base=base, find=find))
        end = hit.end()
    pieces.append(escape(text[end:]))
    return "".join(pieces).replace("\n", "<br />")


def _link(hit: re.Match[str], *, base: str, find: Find) -> str:
    shown = hit[0]
    if hit["url"]:
        plain = re.sub(r"^https?://(www\.)?", "", shown)
        address = escape(shown)
        return (
            f'<a href="{address}" target="_blank" rel="nofollow noopener noreferrer" translate="no">{escape(plain)}</a>'
        )
    if hit["tag"]:
        tag = escape(shown[1:])
        return f'<a href="{base}/tags/{escape(shown[1:].lower())}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
    account = find(shown[1:]) or find(shown[1:].partition("@")[0])
    if account is None:
        return escape(shown)
    return (
        f'<span class="h-card" translate="no"><a href="{base}/@{escape(account.acct)}" class="u-url mention">'
        f"@<span>{escape(account.username)}</span></a></span>"
    )
