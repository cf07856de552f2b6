"""People and roles of a brand: who is here, who is invited, who comes by link."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import invitations, limits, links
from accounts.forms import ContactForm, InviteForm
from accounts.models import Brand, GuestLink, Invitation, Membership, Role
from accounts.people import (
    AT_WORK,
    BY_LINK,
    PeopleError,
    add_contact,
    change_role,
    grants_of,
    members_of,
    named,
    remove,
)
from accounts.permissions import Ability, can, require
from accounts.scope import brand_for, person_of


@login_required
@require_safe
def people(request: HttpRequest, brand: int) -> HttpResponse:
    """List everybody who reaches the brand."""
    return _page(request, brand_for(request, brand))


@login_required
@require_POST
def person_invite(request: HttpRequest, brand: int) -> HttpResponse:
    """Invite somebody who will sign in."""
    here, by = _managed(request, brand), person_of(request)
    form = InviteForm(request.POST, grants=grants_of(by, here))
    if not form.is_valid():
        return _page(request, here, invite=form)
    limits.count("invitation", by.pk)
    invited = _tried(
        request,
        lambda: invitations.invite(
            email=form.cleaned_data["email"],
            role=form.chosen_role,
            brand=here,
            whole_agency=form.is_for_agency,
            by=by,
        ),
    )
    if invited:
        messages.success(
            request, _("An invitation is on its way to %(address)s.") % {"address": form.cleaned_data["email"]}
        )
    return redirect("people", here.pk)


@login_required
@require_POST
def person_add(request: HttpRequest, brand: int) -> HttpResponse:
    """Add somebody who comes by link only."""
    here, by = _managed(request, brand), person_of(request)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _page(request, here, contact=form)
    given = {key: form.cleaned_data[key] for key in ("name", "email", "language")}
    added = _tried(request, lambda: add_contact(brand=here, role=Role(form.cleaned_data["role"]), by=by, **given))
    if added:
        messages.success(request, _("%(name)s has been added, and will use a link.") % {"name": given["name"]})
    return redirect("people", here.pk)


@login_required
@require_POST
def person_role(request: HttpRequest, brand: int, membership: int) -> HttpResponse:
    """Give somebody another role."""
    here = _managed(request, brand)
    row = get_object_or_404(members_of(here), pk=membership)
    role = request.POST.get("role", "")
    if role not in Role.values:
        messages.error(request, _("Choose a role from the list."))
    elif _tried(request, lambda: change_role(row, role=Role(role), brand=here, by=person_of(request))):
        messages.success(request, _("%(name)s has a new role now.") % {"name": row.user.name})
    return redirect("people", here.pk)


@login_required
@require_POST
def person_remove(request: HttpRequest, brand: int, membership: int) -> HttpResponse:
    """Take somebody’s role away."""
    here = _managed(request, brand)
    row = get_object_or_404(members_of(here), pk=membership)
    name = row.user.name
    try:
        remove(row, brand=here, by=person_of(request))
    except PeopleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s no longer has a role here.") % {"name": name})
    return redirect("people", here.pk)


@login_required
@require_POST
def person_links(request: HttpRequest, brand: int, membership: int) -> HttpResponse:
    """Close all links of somebody in this brand."""
    here = _managed(request, brand)
    row = get_object_or_404(members_of(here), pk=membership)
    closed = links.revoke_all(GuestLink.objects.filter(user=row.user, brand=here), by=person_of(request))
    messages.success(request, _("Links closed: %(number)s. They open nothing any more.") % {"number": closed})
    return redirect("people", here.pk)


@login_required
@require_POST
def invitation_revoke(request: HttpRequest, brand: int, invitation: int) -> HttpResponse:
    """End an invitation."""
    here, by = _managed(request, brand), person_of(request)
    rows = Invitation.objects.filter(Q(brand=here) | Q(brand__isnull=True), agency=here.agency_id)
    row = get_object_or_404(rows, pk=invitation)
    if row.brand_id is None and not grants_of(by, here).in_agency:
        raise PermissionDenied("an invitation into the whole agency is withdrawn by its owners")
    invitations.revoke(row, by=by, brand=here)
    messages.success(request, _("The invitation to %(address)s is withdrawn.") % {"address": row.email})
    return redirect("people", here.pk)


def _managed(request: HttpRequest, brand: int) -> Brand:
    """Return the brand if it is theirs (404) and they manage its people (403)."""
    here = brand_for(request, brand)
    require(request.user, Ability.MANAGE_PEOPLE, here)
    return here


def _tried(request: HttpRequest, act: Callable[[], Any]) -> Any:
    """Do something; where it cannot be, say why and return nothing."""
    try:
        return act()
    except PeopleError as error:
        messages.error(request, str(error))
        return None


def _page(
    request: HttpRequest, brand: Brand, *, invite: InviteForm | None = None, contact: ContactForm | None = None
) -> HttpResponse:
    """Show the page; a form that came back keeps what was typed."""
    by = person_of(request)
    grants = grants_of(by, brand)
    values = {
        "brand": brand,
        "rows": [
            _row(row, mine=row.user_id == by.pk, touchable=row.user_id != by.pk and grants.cover(row))
            for row in members_of(brand)
        ],
        "invitations": invitations.open_invitations(brand) if grants.in_brand else [],
        "may_manage": bool(grants.in_brand),
        "may_see_audit": can(by, Ability.SEE_AUDIT, brand),
        "invite": invite or InviteForm(grants=grants),
        "contact": contact or ContactForm(initial={"language": brand.language}),
    }
    return render(request, "accounts/people.html", values, status=422 if invite or contact else 200)


def _row(membership: Membership, *, mine: bool, touchable: bool) -> dict[str, Any]:
    """Return one line of the list, with the roles to choose from."""
    group = BY_LINK if membership.role in BY_LINK else AT_WORK
    return {
        "membership": membership,
        "role": Role(membership.role).label,
        "is_mine": mine,
        "is_touchable": touchable,
        "comes_by_link": membership.role in BY_LINK,
        "choices": named((Role.OWNER, Role.MANAGER) if membership.brand_id is None else group),
    }
