"""*Importa un piano*: a file is looked at row by row, mended, and comes in whole or not at all."""

import csv
import io
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import limits
from accounts.models import Brand
from accounts.permissions import Ability, can, require
from accounts.scope import brand_for, get_visible
from accounts.wall import wall_of
from calendar_app import plan_uploads
from calendar_app.models import PlanImport, PlanUpload, UploadState
from calendar_app.plan_file import COLUMNS, MOST_BYTES, MOST_ROWS, NEEDED
from calendar_app.plan_preview import preview_of
from calendar_app.plan_words import SENTENCES
from calendar_app.views.showing import KINDS
from publisher.channels import channels_of
from publisher.views.outgoing import person

PAGE = 50
MOST_LISTED = 10
FORMULA = ("=", "+", "-", "@", "\t", "\r")

ABOUT: dict[str, "str | Promise"] = {
    "date": gettext_lazy("The day, as 2026-12-17, 17/12/2026 or 17 December 2026."),
    "time": gettext_lazy("The time in the brand’s time zone, as 09:30."),
    "kind": gettext_lazy("Informational, argumentative or promotional; informational if left empty."),
    "title": gettext_lazy("What the post is called in the calendar. Readers do not see it."),
    "text": gettext_lazy("The text as it goes out."),
    "channels": gettext_lazy("The names of the channels, with a bar between them: one | two."),
    "media": gettext_lazy(
        "The names of the pictures, with a bar between them. Pictures of the library are found by their name."
    ),
    "alt": gettext_lazy("What each picture shows, in the same order, with a bar between them."),
    "link": gettext_lazy("A web address that goes with the post."),
    "campaign": gettext_lazy("The name of a campaign. One that does not exist yet is made."),
    "id": gettext_lazy("Identifies the row, so that importing the file again finds it."),
}
TROUBLES: dict[str, "str | Promise"] = {
    "problems": gettext_lazy("Nothing was imported: the plan changed in the meantime. What is in the way is listed below."),
    "changed": gettext_lazy(
        "Nothing was imported: somebody changed one of these posts at the same moment. Look again and try once more."
    ),
    "no_right": gettext_lazy("Nothing was imported: whoever asked for it may no longer import plans of this brand."),
    "failed": gettext_lazy(
        "Nothing was imported: the import was cut off three times. Tell whoever runs the server, and try once more."
    ),
}


def _names(language: str | None) -> dict[str, str]:
    """Return the columns as somebody’s language calls them."""
    return {column: names[-1 if language == "it" else 0] for column, names in COLUMNS.items()}


def _page(request: HttpRequest, brand: Brand, problem: "str | Promise" = "") -> HttpResponse:
    done = PlanImport.objects.filter(brand=brand).select_related("by").order_by("-pk")[: 2 * MOST_LISTED]
    waiting = PlanUpload.objects.filter(brand=brand, state=UploadState.READ).defer("data").select_related("by")
    names = _names(get_language())
    context = {
        "brand": brand,
        "columns": [(names[one], one in NEEDED, ABOUT[one]) for one in COLUMNS],
        "done": [one for one in done if "new" in one.result][:MOST_LISTED],
        "waiting": list(waiting.order_by("-pk")[:MOST_LISTED]),
        "problem": problem,
        "most_mb": MOST_BYTES // 1_000_000,
        "most_rows": MOST_ROWS,
    }
    return render(request, "calendar_app/import.html", context, status=422 if problem else 200)


def _file_in(request: HttpRequest) -> "tuple[bytes | None, str, str | Promise]":
    """Return the plan’s bytes and name, and why it is not taken; nothing is read of what is too large."""
    upload = request.FILES.get("file")
    if upload is None:
        return None, "", ""
    if (upload.size or 0) > MOST_BYTES:
        return None, "", str(SENTENCES["file_too_large"]) % {"limit": MOST_BYTES // 1_000_000}
    return upload.read(), upload.name or "", ""


def _keep_pictures(request: HttpRequest, upload: PlanUpload) -> None:
    """Keep the pictures that came along, and say what became of them."""
    files = request.FILES.getlist("upload")
    if not files:
        return
    kept = plan_uploads.keep_pictures(upload, by=person(request), files=files)
    for problem in kept.problems:
        messages.error(request, problem)
    if kept.unnamed:
        said = ngettext(
            "Left out, because no row names it: %(names)s.",
            "Left out, because no row names them: %(names)s.",
            len(kept.unnamed),
        )
        messages.warning(request, said % {"names": ", ".join(kept.unnamed[:10])})
    if kept.left:
        said = ngettext(
            "%(n)d picture is still to be read. Add the same files once more.",
            "%(n)d pictures are still to be read. Add the same files once more.",
            kept.left,
        )
        messages.warning(request, said % {"n": kept.left})
    if kept.count:
        said = ngettext("%(n)d picture is in the library.", "%(n)d pictures are in the library.", kept.count)
        messages.success(request, said % {"n": kept.count})


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, brand: int) -> HttpResponse:
    """Say what a plan looks like, take one, and lead to its preview."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.IMPORT_PLAN, of_brand)
    if request.method != "POST":
        return _page(request, of_brand)
    data, name, problem = _file_in(request)
    if data is None:
        return _page(request, of_brand, problem or _("Choose the file with the plan."))
    limits.count("plan", person(request).pk)
    update = request.POST.get("update") == "on"
    upload = plan_uploads.keep_plan(brand=of_brand, by=person(request), data=data, name=name, update=update)
    _keep_pictures(request, upload)
    return redirect("plan_preview", upload.pk)


@login_required
@require_GET
def template(request: HttpRequest, brand: int) -> HttpResponse:
    """Send an empty plan with one row as an example, as the spreadsheets of the reader’s language open it."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.IMPORT_PLAN, of_brand)
    language = get_language()
    day = wall_of(at=timezone.now() + timedelta(days=7), zone=of_brand.zone)
    channels = [channel.name for channel in channels_of(of_brand) if not channel.name.startswith(FORMULA)]
    example = {
        "date": f"{day:%d/%m/%Y}" if language == "it" else f"{day:%Y-%m-%d}",
        "time": "09:30",
        "kind": str(KINDS["informational"].word).lower() if language == "it" else "informational",
        "title": _("An example: overwrite it"),
        "text": _("The text as it goes out."),
        "channels": "|".join(channels[:2]),
    }
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if language == "it" else ",", lineterminator="\r\n")
    writer.writerow(_names(language).values())
    writer.writerow(example.get(column, "") for column in COLUMNS)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{_("plan")}-{of_brand.slug}.csv"'
    return answer


def _upload_for(request: HttpRequest, pk: int) -> PlanUpload:
    """Return an uploaded plan of the reader’s brands, for those who may import."""
    found = PlanUpload.objects.select_related("brand__agency", "by", "plan_import")
    upload = get_visible(found, request.user, pk=pk)
    require(request.user, Ability.IMPORT_PLAN, upload.brand)
    return upload


@login_required
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every row and what is wrong with it; then how far it is, and what came in."""
    upload = _upload_for(request, pk)
    context: dict[str, Any] = {"brand": upload.brand, "upload": upload}
    if upload.state == UploadState.ASKED:
        context["so_far"] = plan_uploads.come_so_far(upload)
    elif upload.state == UploadState.IN:
        done = upload.plan_import
        first = done.posts.order_by("due_at", "pk").first() if done else None
        may_send = can(request.user, Ability.SEND_FOR_APPROVAL, upload.brand)
        context |= {"done": done, "first": first, "may_send": may_send}
    else:
        context |= _preview(request, upload)
    return render(request, "calendar_app/import_preview.html", context)


def _preview(request: HttpRequest, upload: PlanUpload) -> dict[str, Any]:
    plan = plan_uploads.read_upload(upload)
    shown = preview_of(plan, bytes(upload.data))
    only_broken = request.GET.get("show") == "broken"
    codes = {problem.code for problem in plan.problems}
    return {
        "plan": plan,
        "shown": shown,
        "only_broken": only_broken,
        "page": Paginator(shown.broken if only_broken else shown.rows, PAGE).get_page(request.GET.get("page")),
        "kinds": KINDS,
        "lacks_pictures": bool(codes & {"media_unknown", "picture_refused"}),
        "differs": "row_differs" in codes,
        "trouble": TROUBLES.get(upload.trouble, ""),
        "seen": plan_uploads.seen_as(upload),
    }


@login_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a better version of the file, or more pictures, or the leave to write over what came in before."""
    upload = _upload_for(request, pk)
    limits.count("plan", person(request).pk)
    data, name, problem = _file_in(request)
    if problem:
        messages.error(request, str(problem))
        return redirect("plan_preview", upload.pk)
    update = upload.update or request.POST.get("update") == "on"
    if not plan_uploads.replace_plan(upload, by=person(request), update=update, data=data, name=name):
        messages.warning(request, _("This import has already been started."))
        return redirect("plan_preview", upload.pk)
    upload.refresh_from_db()
    _keep_pictures(request, upload)
    return redirect("plan_preview", upload.pk)


@login_required
@require_POST
def bring_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it in: the queue does it, and the page says how far it is."""
    upload = _upload_for(request, pk)
    limits.count("plan", person(request).pk)
    if upload.state == UploadState.READ and request.POST.get("seen", "") != plan_uploads.seen_as(upload):
        messages.warning(request, _("The plan has changed since you looked at it. Look once more, then bring it in."))
    elif upload.state == UploadState.READ:
        plan = plan_uploads.read_upload(upload)
        if plan.problems:
            messages.error(request, _("Nothing was imported: some rows have problems."))
        elif plan.incoming:
            plan_uploads.ask_in(upload, by=person(request), total=len(plan.incoming))
    return redirect("plan_preview", upload.pk)
