"""*Archivio media*: the pictures of a brand, adding some, and what is to be seen on them."""

import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import limits
from accounts.models import Brand
from accounts.permissions import Ability, can, require
from accounts.scope import brand_for, get_visible
from calendar_app.forms import cuts
from calendar_app.library import add_picture, pictures_of, set_alt
from calendar_app.models import Asset, AssetAlt
from publisher.files import media_answer, thumbnail_for, why_refused
from publisher.images import PictureRefused
from publisher.views.outgoing import person

PAGE = 60
SHELF = 24  # pictures to choose from at a time; older ones are found by their words
PREFIX = re.compile(r"(?:c\d{1,12}-(?:part-\d{1,3}-)?)?")
MOST_BYTES = 20 * 1024 * 1024


@login_required
@require_GET
def library(request: HttpRequest, brand: int) -> HttpResponse:
    """Show the pictures, newest first."""
    of_brand = brand_for(request, brand)
    if request.headers.get("X-Composer") == "yes":
        words = request.GET.get("q", "").strip()[:80]
        context: dict[str, Any] = {"shelf": shelf_of(of_brand, words=words), "q": words, "is_fragment": True}
        context |= {"prefix": prefix_in(request.GET), "cuts": cuts.groups()}
        return render(request, "calendar_app/composer/shelf.html", context)
    rows = pictures_of(of_brand)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    pictures = [{"asset": asset, "alt": alt_in(asset, of_brand.language)} for asset in page]
    may_write = can(request.user, Ability.WRITE, of_brand)
    context = {"brand": of_brand, "page": page, "pictures": pictures, "may_write": may_write}
    return render(request, "calendar_app/library.html", context)


def shelf_of(brand: Brand, *, words: str = "") -> list[dict[str, Any]]:
    """Return the newest pictures to choose from, those with certain words where some are given."""
    rows = Asset.objects.filter(brand=brand, archived_at=None).prefetch_related("alts").order_by("-pk")
    if words:
        described = AssetAlt.objects.filter(asset__brand=brand, text__icontains=words).values("asset")
        rows = rows.filter(Q(name__icontains=words) | Q(pk__in=described))
    return [shown_picture(asset, alt="", language=brand.language) for asset in rows[:SHELF]]


def prefix_in(data: QueryDict) -> str:
    """Return which list of the composer is meant, by what the names of its fields begin with."""
    said = data.get("prefix", "")
    return said if PREFIX.fullmatch(said) else ""


def alt_in(asset: Asset, language: str) -> str:
    """Return the library’s text for a picture, in a language where there is one."""
    alts = {alt.language: alt.text for alt in asset.alts.all()}
    return alts.get(language) or next(iter(alts.values()), "")


def keep_uploads(request: HttpRequest, brand: Brand, *, name: str = "upload") -> tuple[list[Asset], list[str]]:
    """Keep every uploaded picture at once, so that nothing is lost when a form comes back; say what was refused."""
    kept: list[Asset] = []
    problems: list[str] = []
    for upload in request.FILES.getlist(name):
        try:
            kept.append(_kept(request, brand, upload))
        except PictureRefused as refusal:
            problems.append(f"{upload.name}: {why_refused(refusal)}")
    return kept, problems


def _kept(request: HttpRequest, brand: Brand, upload: "UploadedFile[Any]") -> Asset:
    if (upload.size or 0) > MOST_BYTES:
        raise PictureRefused("picture_too_heavy", size=round((upload.size or 0) / 1_048_576), limit=20)
    limits.count("upload", person(request).pk)
    return add_picture(brand=brand, data=upload.read(), name=upload.name or "", by=person(request))


@login_required
@require_POST
def upload(request: HttpRequest, brand: int) -> HttpResponse:
    """Keep pictures: for the library’s own form, or for the composer, which takes them into its list."""
    of_brand = brand_for(request, brand)
    require(request.user, Ability.WRITE, of_brand)
    kept, problems = keep_uploads(request, of_brand)
    if request.headers.get("X-Composer") == "yes":
        pictures = [shown_picture(asset, alt="", language=of_brand.language) for asset in kept]
        context: dict[str, Any] = {"pictures": pictures, "problems": problems, "prefix": prefix_in(request.POST)}
        context["cuts"] = cuts.groups()
        return render(request, "calendar_app/composer/uploaded.html", context, status=200 if kept else 422)
    for problem in problems:
        messages.error(request, problem)
    if kept:
        said = ngettext("%(n)d picture is in the library.", "%(n)d pictures are in the library.", len(kept))
        messages.success(request, said % {"n": len(kept)})
    return redirect("library", of_brand.pk)


def shown_picture(asset: Asset, *, alt: str, language: str) -> dict[str, Any]:
    """Return a picture as the composer lists it."""
    return {"asset_id": asset.pk, "name": asset.name, "alt": alt, "cut": "", "library_alt": alt_in(asset, language)}


@login_required
@require_POST
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the alternative text of a picture."""
    asset = get_visible(Asset.objects.select_related("brand"), request.user, pk=pk)
    set_alt(asset, text=request.POST.get("text", ""), language=asset.brand.language, by=person(request))
    messages.success(request, _("The alternative text is kept. Posts that have none of their own use it from now on."))
    return redirect("library", asset.brand_id)


@login_required
@require_GET
def picture(request: HttpRequest, pk: int, width: int) -> HttpResponseBase:
    """Send a small copy of a picture, made once; the original never leaves."""
    asset = get_visible(Asset.objects.select_related("file"), request.user, pk=pk)
    return media_answer(thumbnail_for(asset.file, width))
