"""Hiding under a rule, showing again, muting, reporting: asked for here, carried out by a worker, kept as evidence."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from community import moderation
from community.models import ModerationAct
from community.sentences import sentence
from community.views.acts import REFUSED, again, back_to
from community.views.desk import comment_for, form_of, person, stream_context


@login_required
@require_POST
def comment_hide(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to hide a comment; the rule comes first."""
    said = _("The comment is being hidden. Its words stay here, with the rule and your name.")
    return _asked(request, pk, moderation.hide, said, form="hide", fields=("rule",))


@login_required
@require_POST
def comment_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to show it again."""
    return _asked(request, pk, moderation.show, _("The comment is being shown again."))


@login_required
@require_POST
def comment_mute(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to mute the person or the conversation."""
    said = _("Being muted. New messages still come in here, but need no answer.")
    return _asked(request, pk, moderation.mute, said, form="mute", fields=("what",))


@login_required
@require_POST
def comment_unmute(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to hear them again."""
    said = _("Being unmuted: what is written from now on waits for an answer.")
    return _asked(request, pk, moderation.unmute, said, form="mute", fields=("what",))


@login_required
@require_POST
def comment_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to report a comment to the platform."""
    said = _("The report is on its way. It is sent once.")
    return _asked(request, pk, moderation.report, said, form="report", fields=("reason", "words"))


def _asked(
    request: HttpRequest,
    pk: int,
    ask: Callable[..., ModerationAct],
    said: Promise,
    *,
    form: str = "",
    fields: tuple[str, ...] = (),
) -> HttpResponse:
    """Ask for a deed with the form's fields, and return to the comment, or show its form again with all that was typed."""
    comment = comment_for(request, pk)
    shown = comment.conversation
    try:
        ask(comment, by=person(request), **{name: request.POST.get(name, "") for name in fields})
    except moderation.CannotActError as refused:
        problems = [sentence(refused.code, {})]
        return again(
            request, shown, REFUSED, problems=problems, **form_of(form, comment, stream_context(request, shown))
        )
    if not request.headers.get("HX-Request"):
        messages.success(request, str(said))
    return back_to(request, shown, anchor=f"#m{comment.pk}")
