"""The frame of every page: head, notice, who reads, language."""

from html import escape

from sandbox.messages import Response
from sandbox.visitor import Visitor
from sandbox.words import LANGUAGES

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

DOCUMENT = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {name}</title>
<link rel="stylesheet" href="/sandbox.css">
<link rel="icon" href="/avatars/0.svg" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#content">{skip}</a>
<header class="top">
<p class="name"><a href="/">{name}</a></p>
<nav class="languages" aria-label="{languages}">{links}</nav>
<p class="notice">{notice}</p>
{person}
</header>
<main id="content" tabindex="-1">
{main}
</main>
</body>
</html>
"""

PERSON = """<form class="person" method="post" action="/person">
<input type="hidden" name="next" value="{path}">
<label for="person">{read_as}</label>
<select id="person" name="person">{options}</select>
<button type="submit">{change}</button>
</form>"""


def page(visitor: Visitor, *, title: str, main: str, path: str, status: int = 200) -> Response:
    """A whole page; `main` is HTML, `title` and `path` are plain text."""
    body = DOCUMENT.format(
        language=visitor.language,
        title=escape(title),
        name=visitor.say("name"),
        skip=visitor.say("skip"),
        notice=visitor.say("notice"),
        languages=visitor.say("languages"),
        links=" ".join(_language(visitor, code, label, path) for code, label in LANGUAGES.items()),
        person=_person(visitor, path),
        main=main,
    )
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
    return Response(
        status=status, body=body.encode("utf-8", "replace"), mime="text/html; charset=utf-8", headers=headers
    )


def _language(visitor: Visitor, code: str, label: str, path: str) -> str:
    here = ' aria-current="true"' if code == visitor.language else ""
    sign = "&amp;" if "?" in path else "?"
    return f'<a href="{escape(path)}{sign}lang={code}" lang="{code}" hreflang="{code}"{here}>{label}</a>'


def _person(visitor: Visitor, path: str) -> str:
    if visitor.person is None:
        return ""
    options = "".join(
        f'<option value="{escape(one.username)}"{" selected" if one is visitor.person else ""}>'
        f"{escape(one.display_name)}</option>"
        for one in visitor.people
    )
    return PERSON.format(
        read_as=visitor.say("read_as"), change=visitor.say("change"), options=options, path=escape(path)
    )
