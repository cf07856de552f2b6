"""Accepting an invitation."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import invitations, limits
from accounts.address import client_address
from accounts.forms import AcceptForm
from accounts.links import LinkClosed
from accounts.models import Invitation, Role
from accounts.people import PeopleError


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Ask a newcomer for name and password; somebody who signs in already only says yes."""
    invitation = _invitation(request, secret)
    is_known = invitations.has_password(invitation)
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and (is_known or form.is_valid()):
        return _join(request, invitation, {} if is_known else form.cleaned_data)
    values = {
        "invitation": invitation,
        "place": invitation.brand or invitation.agency,
        "role": Role(invitation.role).label,
        "is_known": is_known,
        "form": form,
    }
    return render(request, "accounts/accept.html", values, status=422 if request.method == "POST" else 200)


def _invitation(request: HttpRequest, secret: str) -> Invitation:
    """Return the open invitation; guessing is limited, and every other case looks the same."""
    address = client_address(request)
    limits.check("unknown_invitation", address)
    found = invitations.find_invitation(secret)
    if found is None:
        limits.count("unknown_invitation", address)
        raise LinkClosed
    return found


def _join(request: HttpRequest, invitation: Invitation, given: dict[str, str]) -> HttpResponse:
    """Make them a member and lead them to the sign-in page, out of anybody else’s session."""
    try:
        user = invitations.accept(invitation, name=given.get("name", ""), password=given.get("password", ""))
    except PeopleError as error:
        messages.error(request, str(error))
        return redirect("account_login")
    if request.user.is_authenticated and request.user.pk != user.pk:
        logout(request)
    messages.success(request, _("Welcome. Sign in with your address and password."))
    return redirect("home" if request.user.is_authenticated else "account_login")
