"""What a post of the AT protocol shows to people: words with their links, and in words what hangs on it."""

import re
from datetime import datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import quote

from publisher.contract.addresses import Refused, place_of
from publisher.contract.answers import dictionary, web_address
from publisher.contract.content import Person, RemoteComment, Target
from publisher.contract.text import clean_html
from publisher.contract.threads import when

MOST_FACETS, LONGEST_WORDS = 200, 1500
BACKDATED = timedelta(days=1)
WEB = "https://bsky.app"
NO_HOST = re.compile(r"[/?#\\]")
Node = dict[str, Any]


def objects(rows: Any) -> list[Node]:
    """Return the objects of a list, or none for anything else."""
    return [one for one in (rows if isinstance(rows, list) else ()) if isinstance(one, dict)]


def comment_of(post: Node, target: Target, *, hidden: frozenset[str] = frozenset()) -> RemoteComment | None:
    """Return a comment, or None for something that is none."""
    record, author = dictionary(post.get("record")), dictionary(post.get("author"))
    uri, who = str(post.get("uri") or ""), str(author.get("did") or "")
    at = _written_at(when(record.get("createdAt")), when(post.get("indexedAt")))
    if not uri.startswith(f"at://{who}/") or not who or at is None:
        return None
    reply, text = dictionary(record.get("reply")), str(record.get("text") or "")
    root, handle = dictionary(reply.get("root")), str(author.get("handle") or who)
    languages = record.get("langs")
    return RemoteComment(
        remote_id=uri[:255],
        parent_remote_id=str(dictionary(reply.get("parent")).get("uri") or "")[:255],
        root_remote_id=str(root.get("uri") or "")[:255],
        person=Person(
            remote_id=who[:255],
            handle=f"@{handle}"[:255],
            name=str(author.get("displayName") or handle)[:255],
            url=f"{WEB}/profile/{who}"[:500],
        ),
        text=text.strip(),
        html=html_of(text, record.get("facets")),
        at=at,
        url=f"{WEB}/profile/{who}/post/{uri.rpartition('/')[2]}"[:500],
        language=str(languages[0])[:16] if isinstance(languages, list) and languages else "",
        is_ours=who == target.remote_id,
        is_hidden=uri in hidden,
        extra={
            "cid": str(post.get("cid") or ""),
            "root": str(root.get("uri") or uri),
            "root_cid": str(root.get("cid") or post.get("cid") or ""),
            "media": described(record, post),
            "labels": labels_of(post),
        },
    )


def _written_at(created: datetime | None, indexed: datetime | None) -> datetime | None:
    """Return when it was said: the writer's own time, unless that lies in the future or far back."""
    if indexed is None or created is None:
        return indexed or created
    return created if indexed - BACKDATED < created <= indexed else indexed


def labels_of(post: Node) -> list[str]:
    """Return what watchers of the network say of a post."""
    labels = [one for one in objects(post.get("labels")) if not one.get("neg")]
    return sorted({str(one.get("val") or "")[:40] for one in labels} - {""})[:10]


def html_of(text: str, facets: Any) -> str:
    """Return cleaned HTML where something is linked in a text, else nothing. Positions count bytes, and may be anything."""
    data, at, pieces = text.encode(errors="replace"), 0, list[str]()
    for start, end, feature in _links(facets):
        if not at <= start < end <= len(data):
            continue
        try:
            before, shown = data[at:start].decode(), data[start:end].decode()
        except UnicodeDecodeError:
            continue
        pieces += [escape(before), _link(shown, feature)]
        at = end
    if not at:
        return ""
    html = f"<p>{''.join(pieces)}{escape(data[at:].decode())}</p>".replace("\n", "<br>")
    return clean_html(html.encode(errors="replace").decode())


def _links(facets: Any) -> list[tuple[int, int, Node]]:
    """Return where each facet begins and ends, in order, with the one thing that it means."""
    found = []
    for facet in objects(facets)[:MOST_FACETS]:
        index, features = dictionary(facet.get("index")), objects(facet.get("features"))
        start, end = index.get("byteStart"), index.get("byteEnd")
        if isinstance(start, int) and isinstance(end, int) and features:
            found.append((start, end, features[0]))
    return sorted(found, key=lambda one: one[:2])


def _link(shown: str, feature: Node) -> str:
    """Return one linked piece. A link whose words do not begin with where it leads is followed by its host."""
    address = web_address(feature.get("uri"))
    host = _host(address.partition("://")[2])
    if feature.get("did"):
        address = f"{WEB}/profile/{quote(str(feature['did'])[:255], safe=':')}"
    elif feature.get("tag"):
        address = f"{WEB}/hashtag/{quote(str(feature['tag'])[:255], safe='')}"
    elif not host:
        return escape(shown)
    is_told = "uri" not in feature or _host(shown.strip().lower().rpartition("://")[2]) == host
    return f'<a href="{escape(address)}">{escape(shown)}</a>{"" if is_told else f" [{escape(host)}]"}'


def _host(rest: str) -> str:
    """Return the host that a browser opens, from what stands behind the scheme; nothing where it is spelled with tricks."""
    try:
        return place_of(f"https://{re.split(NO_HOST, rest, maxsplit=1)[0]}").host.removeprefix("www.")
    except Refused:
        return ""


def described(record: Node, view: Node) -> list[dict[str, str]]:
    """Return kind and words of what hangs on a post: pictures, video, card, and the post that it quotes."""
    embed, seen = dictionary(record.get("embed")), dictionary(view.get("embed"))
    media = dictionary(embed.get("media")) or embed
    pictures = objects(media.get("images") or media.get("items"))[:20]
    found = [("image", str(one.get("alt") or "")) for one in pictures]
    if media.get("video"):
        found.append(("video", str(media.get("alt") or "")))
    if card := dictionary(media.get("external")):
        found.append(("link", " ".join(str(card.get(name) or "")[:500] for name in ("title", "uri")).strip()))
    if embed.get("record"):
        found.append(("quote", _quoted(dictionary(seen.get("record")))))
    return [{"type": kind, "description": words[:LONGEST_WORDS]} for kind, words in found]


def _quoted(seen: Node) -> str:
    """Return who is quoted with which words; nothing for a quote that nobody may see any more."""
    quoted = dictionary(seen.get("record")) or seen
    handle, words = dictionary(quoted.get("author")).get("handle"), dictionary(quoted.get("value")).get("text")
    return f"@{handle}: {words or ''}".strip() if handle else ""
