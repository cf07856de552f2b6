"""Pieces of the page: a post, its pictures, its comments, the form to answer."""

from dataclasses import dataclass
from html import escape

from sandbox.entities import iso
from sandbox.records import Account, Media, Status
from sandbox.richtext import as_html
from sandbox.visitor import Visitor
from sandbox.world import World

POST = """<article class="post" aria-label="{label}">
<header class="by"><img src="/avatars/{account_id}.svg" alt="" width="40" height="40">
<div><{level} class="who"><a href="/@{acct}">{name}</a></{level}>
<p class="meta">@{acct} · <a href="{page}"><time datetime="{iso}">{moment}</time></a>{remarks}</p></div></header>
{body}
<footer class="actions">{like}<a class="button quiet" href="{page}#comments">{comments}</a></footer>
</article>"""

COMMENT = """<li class="depth-{depth}"><article class="comment" id="c{id}" aria-label="{label}">
<header class="by"><img src="/avatars/{account_id}.svg" alt="" width="32" height="32">
<div><h3 class="who">{name}</h3>
<p class="meta">@{acct} · <time datetime="{iso}">{moment}</time>{remarks}</p></div></header>
{body}
<footer class="actions">{like}{reply}{delete}</footer>
</article></li>"""

LIKE = """<form method="post" action="/like"><input type="hidden" name="status" value="{id}">
<input type="hidden" name="next" value="{next}">
<button class="quiet{state}" type="submit" aria-label="{label}">{word} · {count}</button></form>"""

DELETE = """<form method="post" action="/delete"><input type="hidden" name="status" value="{id}">
<input type="hidden" name="next" value="{next}">
<button class="quiet" type="submit" aria-label="{label}">{word}</button></form>"""

FORM = """<form class="answer" id="answer" method="post" action="/comment">
<h2>{title}</h2>
{problem}<input type="hidden" name="root" value="{root}"><input type="hidden" name="status" value="{above}">
<label for="text">{label}</label>
<textarea id="text" name="text" rows="4" required{invalid}>{text}</textarea>
<p class="choice"><input type="checkbox" id="private" name="private" value="1"{checked}><label for="private">{private}</label></p>
<button class="primary" type="submit">{send}</button>
</form>"""


def address(world: World, status: Status) -> str:
    """Where a post stands on this page, whatever name the visitor reached the sandbox by."""
    return f"/@{world.store.accounts[status.account_id].acct}/{status.id}"


def post(world: World, visitor: Visitor, status: Status, *, level: str, here: str) -> str:
    author = world.store.accounts[status.account_id]
    below = sum(1 for _ in world.store.descendants(status, viewer=visitor.person))
    return POST.format(
        label=visitor.say("post_of", name=author.display_name),
        level=level,
        account_id=author.id,
        acct=escape(author.acct),
        name=escape(author.display_name),
        page=escape(address(world, status)),
        iso=iso(status.created_at),
        moment=visitor.moment(status.created_at),
        remarks=_remarks(visitor, status),
        body=_body(world, visitor, status),
        like=_like(visitor, status, author, here=here),
        comments=visitor.say("comments", count=str(below)),
    )


def comment(world: World, visitor: Visitor, status: Status, *, depth: int, root: Status) -> str:
    author = world.store.accounts[status.account_id]
    here = address(world, root)
    reply = f'<a class="button quiet" href="{escape(here)}?reply={status.id}#answer" aria-label="{{}}">{{}}</a>'
    name = author.display_name
    return COMMENT.format(
        id=status.id,
        depth=min(depth, 5),
        label=visitor.say("comment_of", name=name),
        account_id=author.id,
        acct=escape(author.acct),
        name=escape(name),
        iso=iso(status.created_at),
        moment=visitor.moment(status.created_at),
        remarks=_remarks(visitor, status),
        body=_body(world, visitor, status),
        like=_like(visitor, status, author, here=f"{here}#c{status.id}"),
        reply=reply.format(visitor.say("reply_to", name=name), visitor.say("reply")) if visitor.person else "",
        delete=_delete(visitor, status, here=here),
    )


def _remarks(visitor: Visitor, status: Status) -> str:
    remarks = []
    if status.application is not None:
        remarks.append(visitor.say("through", app=str(status.application["name"])))
    if status.edited_at is not None:
        remarks.append(visitor.say("edited"))
    if status.visibility != "public":
        remarks.append(visitor.say("unlisted" if status.visibility == "unlisted" else "only_named"))
    return "".join(f" · {remark}" for remark in remarks)


def _body(world: World, visitor: Visitor, status: Status) -> str:
    text = as_html(_without_greeting(world, status), base="", find=world.store.account_named)
    pictures = "".join(_picture(visitor, world.store.media[number]) for number in status.media_ids)
    count = len(status.media_ids)
    shown = f'<div class="pictures count-{min(count, 4)}">{pictures}</div>' if count else ""
    language = f' lang="{escape(status.language)}"' if status.language else ""
    inside = f'<div class="text"{language}>{text}</div>{shown}'
    if status.spoiler_text or status.sensitive:
        warning = escape(status.spoiler_text) or visitor.say("warning")
        return f'<details class="warning"><summary>{warning}</summary>{inside}</details>'
    return inside


def _without_greeting(world: World, status: Status) -> str:
    """A comment names whom it answers; under their words that need not be read again."""
    above = world.store.statuses.get(status.in_reply_to) if status.in_reply_to is not None else None
    if above is None:
        return status.text
    return status.text.removeprefix(f"@{world.store.accounts[above.account_id].acct} ")


def _picture(visitor: Visitor, media: Media) -> str:
    described = escape(media.description, quote=True)
    if media.kind == "video":
        return f'<figure><video src="/media/{media.file}" controls aria-label="{described or visitor.say("no_alt")}"></video></figure>'
    size = f' width="{media.width}" height="{media.height}"'
    shown = f'<figure><img src="/media/{media.file}" alt="{described or visitor.say("no_alt")}"{size} loading="lazy">'
    if described:
        shown += (
            f"<figcaption><details><summary>{visitor.say('alt')}</summary><p>{described}</p></details></figcaption>"
        )
    return shown + "</figure>"


def _like(visitor: Visitor, status: Status, author: Account, *, here: str) -> str:
    if visitor.person is None:
        return ""
    is_liked = visitor.person.id in status.favourited_by
    word, count = visitor.say("liked" if is_liked else "like"), len(status.favourited_by)
    return LIKE.format(
        id=status.id,
        next=escape(here),
        state=" liked" if is_liked else "",
        label=f"{word} · {count}: {escape(author.display_name)}",
        word=word,
        count=count,
    )


def _delete(visitor: Visitor, status: Status, *, here: str) -> str:
    if visitor.person is None or status.account_id != visitor.person.id:
        return ""
    return DELETE.format(id=status.id, next=escape(here), label=visitor.say("delete_own"), word=visitor.say("delete"))


@dataclass(slots=True, kw_only=True)
class Typed:
    """What stands in the form: nothing yet, or what was refused and why."""

    text: str = ""
    problem: str = ""
    is_private: bool = False


def form(world: World, visitor: Visitor, *, root: Status, above: Status, typed: Typed) -> str:
    """Where a comment is written."""
    if visitor.person is None:
        return ""
    problem = typed.problem
    author, me = world.store.accounts[above.account_id].display_name, visitor.person.display_name
    label = visitor.say("write_as", name=me) if above is root else visitor.say("answer_to", name=author, me=me)
    said = f'<p class="problem" id="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return FORM.format(
        title=visitor.say("write"),
        problem=said,
        root=root.id,
        above=above.id,
        label=label,
        invalid=' aria-invalid="true" aria-describedby="problem" autofocus' if problem else "",
        text=escape(typed.text),
        checked=" checked" if typed.is_private else "",
        private=visitor.say("private", name=author),
        send=visitor.say("send"),
    )
