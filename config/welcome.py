"""What the terminal says once everything runs: where to look, as whom, and what to try."""

import io
from collections.abc import Mapping

import segno
from django.conf import settings
from django.core.management.base import OutputWrapper
from django.utils.translation import gettext as _

from config.demo import cast
from config.processes import Plan


def language_of(environment: Mapping[str, str]) -> str:
    """The terminal's language, where we speak it; English otherwise."""
    wish = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "it" if wish.lower().startswith("it") else "en"


def print_guide(out: OutputWrapper, plan: Plan) -> None:
    """Print the addresses, and in the demo the people and the walk."""
    out.write("")
    out.write(f"  Palinsesto   {plan.address}/")
    if settings.DEMO:
        _print_demo(out, plan)
    if plan.lan:
        out.write("")
        out.write(_("On the phone, in the same network (everybody in this network can reach the demo):"))
        picture = io.StringIO()
        segno.make(f"{plan.address}/").terminal(out=picture, compact=True)
        out.write(picture.getvalue())
    out.write("")
    out.write(_("Ctrl-C ends everything. What you made stays for the next start."))
    out.write("")


def _print_demo(out: OutputWrapper, plan: Plan) -> None:
    out.write(f"  Sandbox      {plan.sandbox_address}/")
    out.write("")
    out.write(_("People of the demo, all with the password %(password)s:") % {"password": cast.PASSWORD})
    roles = {cast.ELENA: _("plans, leads the agency"), cast.PAOLO: _("answers comments")}
    for person, role in roles.items():
        out.write(f"  {person.email:32} {person.name}, {role}")
    out.write(
        "  "
        + _("%(client)s is the client: no account, her link is in the email on the Test mail page.")
        % {"client": cast.GIULIA.name}
    )
    out.write("")
    for number, step in enumerate(_walk(plan), start=1):
        out.write(f"  {number}. {step}")
    out.write("")
    out.write(_("Logs: %s") % (settings.DATA_DIR / "log"))


def _walk(plan: Plan) -> list[str]:
    """The walk of the README in six lines."""
    return [
        _("Sign in as Elena and look at the month of %(brand)s; two posts go out within two minutes.")
        % {"brand": cast.WINERY.name},
        _("Open Test mail, follow the client’s link and approve a post: on the phone it takes one tap."),
        _("Open the sandbox (%(address)s): there are the posts, and soon readers who comment, one of them angry.")
        % {"address": plan.sandbox_address},
        _("Sign in as Paolo: the comment is in the inbox within thirty seconds, the approved brief beside it. Answer."),
        _("Look at the sandbox again: the answer is there, once."),
        _("Under Calendar on the phone create a feed, and subscribe to it in your calendar app."),
    ]
