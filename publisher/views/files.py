"""Copies of pictures for colleagues, behind the wall. Originals have no address."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from accounts.scope import get_visible, row_number
from publisher.files import THUMBNAIL_WIDTHS, media_answer, thumbnail_for
from publisher.models import StoredFile


@login_required
@require_safe
def media_file(request: HttpRequest, pk: int) -> FileResponse:
    """Show a copy as it will be sent, or a small one (``?w=320``); of an original only small ones."""
    stored = get_visible(StoredFile.objects.all(), request.user, pk=pk)
    width = row_number(request.GET.get("w", ""))
    if width in THUMBNAIL_WIDTHS:
        return media_answer(thumbnail_for(stored, width))
    if stored.source_id is None:
        raise Http404
    return media_answer(stored)
