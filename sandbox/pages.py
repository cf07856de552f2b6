"""The page where people read, comment and like, as one of a few made-up persons."""

from pathlib import Path
from urllib.parse import quote

from sandbox import parts, publishing
from sandbox.admin import is_same_site
from sandbox.counting import length
from sandbox.layout import page
from sandbox.messages import Response
from sandbox.publishing import MAX_CHARACTERS, Draft, RefusedError
from sandbox.records import Account, Status
from sandbox.richtext import hashtags
from sandbox.routing import Route
from sandbox.visitor import LANGUAGE_COOKIE, PERSON_COOKIE, Visitor, visitor
from sandbox.words import WORDS
from sandbox.world import Call

PER_PAGE = 20
STYLE = Path(__file__).with_name("style.css").read_bytes()
KEPT = "Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"


# reading


def home(call: Call) -> Response:
    who = visitor(call)
    return _list(call, who, list(call.store.roots()), title=who.say("home_title"))


def account(call: Call) -> Response:
    who, shown = visitor(call), call.store.account_named(call.args[0])
    if shown is None:
        return missing(call)
    own = [call.store.statuses[number] for number in reversed(shown.status_ids)]
    posts = [one for one in own if one.in_reply_to is None and call.store.is_visible(one, viewer=who.person)]
    return _list(call, who, posts, title=who.say("posts_of", name=shown.display_name))


def tag(call: Call) -> Response:
    who, wanted = visitor(call), call.args[0].lower()
    posts = [status for status in call.store.roots() if wanted in hashtags(status.text)]
    return _list(call, who, posts, title=who.say("tagged", tag=wanted))


def _list(call: Call, who: Visitor, posts: list[Status], *, title: str) -> Response:
    """A page of posts, newest first; `title` is already fit for HTML."""
    highest = call.fields.number("max_id")
    left = [status for status in posts if highest is None or status.id < highest]
    here = call.request.path + (f"?max_id={highest}" if highest is not None else "")
    shown = [parts.post(call.world, who, status, level="h2", here=here) for status in left[:PER_PAGE]]
    more = ""
    if len(left) > PER_PAGE:
        older = f"{quote(call.request.path, safe='/@')}?max_id={left[PER_PAGE - 1].id}"
        more = f'<p class="more"><a class="button" href="{older}">{who.say("older")}</a></p>'
    empty = "" if shown else f'<p class="empty">{who.say("home_empty")}</p>'
    main = f"<h1>{title}</h1>{''.join(shown)}{empty}{more}"
    return _answer(call, who, title=WORDS[who.language]["home_title"], main=main, path=here)


def thread(call: Call) -> Response:
    who = visitor(call)
    status = _post(call, who, call.args[1])
    if status is None:
        return missing(call)
    root = _root(call, status)
    above = _post(call, who, call.fields.text("reply")) or root
    return _thread(call, who, root, parts.form(call.world, who, root=root, above=above, typed=parts.Typed()))


def _thread(call: Call, who: Visitor, root: Status, form: str, *, status: int = 200) -> Response:
    world = call.world
    author = world.store.accounts[root.account_id]
    below = [
        parts.comment(world, who, one, depth=depth, root=root)
        for depth, one in world.store.descendants(root, viewer=who.person)
    ]
    listed = f'<ol class="comments">{"".join(below)}</ol>' if below else f"<p>{who.say('no_comments')}</p>"
    here = parts.address(world, root)
    main = (
        f"<h1>{who.say('post_of', name=author.display_name)}</h1>"
        f"{parts.post(world, who, root, level='h2', here=here)}"
        f'<section id="comments" aria-labelledby="thread"><h2 id="thread">{who.say("thread")}</h2>{listed}</section>{form}'
        f'<p class="more"><a href="/">{who.say("back")}</a></p>'
    )
    title = WORDS[who.language]["post_of"].format(name=author.display_name)
    return _answer(call, who, title=title, main=main, path=here, status=status)


def _post(call: Call, who: Visitor, text: str) -> Status | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
    return call.store.visible(number, viewer=who.person)


def _root(call: Call, status: Status) -> Status:
    above = call.store.ancestors(status, viewer=None)
    return above[0] if above else status


def _answer(call: Call, who: Visitor, *, title: str, main: str, path: str, status: int = 200) -> Response:
    response = page(who, title=title, main=main, path=path, status=status)
    wished = call.request.query().text("lang")
    if wished in WORDS:
        response.headers["Set-Cookie"] = f"{LANGUAGE_COOKIE}={wished}; {KEPT}"
    return response


def missing(call: Call) -> Response:
    who = visitor(call)
    main = (
        f"<h1>{who.say('missing_title')}</h1><p>{who.say('missing')}</p>"
        f'<p class="more"><a href="/">{who.say("back")}</a></p>'
    )
    return _answer(call, who, title=WORDS[who.language]["missing_title"], main=main, path="/", status=404)


# writing


def _refused(call: Call) -> Response | None:
    """A page of another site may not write here in somebody's name."""
    if is_same_site(call):
        return None
    who = visitor(call)
    main = f"<h1>{who.say('refused_title')}</h1><p>{who.say('refused')}</p>"
    return _answer(call, who, title=WORDS[who.language]["refused_title"], main=main, path="/", status=403)


def _back(call: Call, *, to: str = "", cookie: str = "") -> Response:
    """Only to a place of this page."""
    place = to or call.fields.text("next", "/")
    is_ours = place.startswith("/") and not place.startswith("//") and "\\" not in place and place.isprintable()
    headers = {"Location": quote(place, safe="/@?=&#") if is_ours else "/"}
    if cookie:
        headers["Set-Cookie"] = cookie
    return Response(status=303, mime="text/plain; charset=utf-8", headers=headers)


def choose_person(call: Call) -> Response:
    chosen = call.store.account_named(call.fields.text("person"))
    refusal = _refused(call)
    if refusal is not None or chosen is None or not chosen.is_person:
        return refusal or missing(call)
    return _back(call, cookie=f"{PERSON_COOKIE}={chosen.username}; {KEPT}")


def like(call: Call) -> Response:
    """Like, or take the like back."""
    who = visitor(call)
    status, refusal = _post(call, who, call.fields.text("status")), _refused(call)
    if refusal is not None or status is None or who.person is None:
        return refusal or missing(call)
    if who.person.id in status.favourited_by:
        publishing.unfavourite(call.store, by=who.person, status=status)
    else:
        publishing.favourite(call.store, by=who.person, status=status)
    return _back(call)


def delete(call: Call) -> Response:
    who = visitor(call)
    status, refusal = _post(call, who, call.fields.text("status")), _refused(call)
    if refusal is not None or status is None or who.person is None or status.account_id != who.person.id:
        return refusal or missing(call)
    publishing.delete(call.store, by=who.person, number=status.id)
    return _back(call)


def comment(call: Call) -> Response:
    who, refusal = visitor(call), _refused(call)
    root = _post(call, who, call.fields.text("root"))
    above = _post(call, who, call.fields.text("status"))
    if refusal is not None or root is None or above is None or who.person is None:
        return refusal or missing(call)
    text = call.fields.text("text").replace("\r\n", "\n").strip()
    typed = parts.Typed(text=text, is_private=call.fields.flag("private"))
    draft = _draft(call, who.person, above, typed)
    try:
        status, _ = publishing.publish(call.store, by=who.person, draft=draft)
    except RefusedError:
        typed.problem = _problem(who, text, draft.text)
        form = parts.form(call.world, who, root=root, above=above, typed=typed)
        return _thread(call, who, root, form, status=422)
    call.world.tell(status)
    return _back(call, to=f"{parts.address(call.world, root)}#c{status.id}")


def _draft(call: Call, person: Account, above: Status, typed: parts.Typed) -> Draft:
    author = call.store.accounts[above.account_id]
    greeting = f"@{author.acct} " if author.id != person.id and typed.text else ""
    visibility = "direct" if typed.is_private or above.visibility == "direct" else "public"
    return Draft(
        text=greeting + typed.text,
        in_reply_to=above.id,
        visibility=visibility,
        language=call.world.language,
        hand="visitor",
    )


def _problem(who: Visitor, typed: str, sent: str) -> str:
    words = WORDS[who.language]
    over = length(text=sent) - MAX_CHARACTERS
    if not typed:
        return words["empty_text"]
    return words["too_long"].format(most=MAX_CHARACTERS, over=over) if over > 0 else words["not_sent"]


# small things


def style(_call: Call) -> Response:
    return Response(body=STYLE, mime="text/css; charset=utf-8", headers={"Cache-Control": "public, max-age=60"})


ROUTES = [
    Route("GET", "/", home, "visitor"),
    Route("GET", "/sandbox.css", style, "visitor"),
    Route("GET", "/@{}", account, "visitor"),
    Route("GET", "/@{}/{}", thread, "visitor"),
    Route("GET", "/tags/{}", tag, "visitor"),
    Route("POST", "/person", choose_person, "visitor"),
    Route("POST", "/like", like, "visitor"),
    Route("POST", "/delete", delete, "visitor"),
    Route("POST", "/comment", comment, "visitor"),
]
