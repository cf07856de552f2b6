"""Files of a brand: the original as it came, kept unseen, and the copies that pages and platforms get.

Decoding takes long: call ``keep_original``, ``rendition_for`` and ``thumbnail_for`` outside of transactions.
"""

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import FileResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand
from publisher.contract.content import Rendition
from publisher.images import EXTENSIONS, PictureRefused, Rendered, read_picture, recipe_of, render, thumbnail
from publisher.models import StoredFile

THUMBNAIL_WIDTHS = (160, 320, 640, 1080)
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

REFUSALS: dict[str, Promise | str] = {
    "picture_empty": _("The file is empty. Choose it again."),
    "picture_too_heavy": _(
        "The file is %(size)s MB; at most %(limit)s MB are accepted. Make it smaller and try again."
    ),
    "picture_too_large": _("The picture has more than %(limit)s million pixels. Make it smaller and try again."),
    "picture_not_understood": _(
        "This file is not a JPEG, PNG, WebP, GIF or AVIF picture. Save it as one of these and try again."
    ),
    "picture_broken": _("The picture is damaged and cannot be read to its end. Export it again and retry."),
    "picture_too_many_frames": _(
        "The animation has more than %(limit)s frames of this size. Shorten it and try again."
    ),
    "picture_crop": _("The crop could not be read. Draw it again."),
    "picture_cannot_shrink": _("The picture cannot be made small enough for this channel. Choose another one."),
}


def why_refused(refusal: PictureRefused) -> str:
    """Return the sentence that helps, in the language of whoever reads now."""
    return str(REFUSALS[refusal.code]) % refusal.values


def clean_label(name: str) -> str:
    """Return a given file name as a label: its last part, without unseen signs. It never becomes a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return UNSEEN.sub("", last).strip()[:120]


def path_of(stored: StoredFile) -> Path:
    """Return where the bytes lie; a row that points out of the media folder is refused."""
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / stored.path).resolve()
    if not path.is_relative_to(root):
        raise ValueError("a stored file lies outside of the media folder")
    return path


def keep_original(*, brand: Brand, data: bytes) -> StoredFile:
    """Return the brand's row for these bytes, stored once however often they come. Raises PictureRefused."""
    picture = read_picture(data)
    sha256 = hashlib.sha256(data).hexdigest()
    known = StoredFile.objects.filter(brand=brand, sha256=sha256, source=None).first()
    if known is not None:
        return known
    facts = {"mime": picture.mime, "width": picture.width, "height": picture.height}
    return _store(brand_id=brand.pk, data=data, lookup={"sha256": sha256, "source": None}, facts=facts)


def rendition_for(stored: StoredFile, rendition: Rendition, *, crop: str = "") -> StoredFile:
    """Return the copy of an original that a channel with these limits gets, made once. Raises PictureRefused."""
    known = stored.renditions.filter(recipe=recipe_of(rendition, crop=crop)).first()
    return known or _keep_copy(stored, render(path_of(stored).read_bytes(), rendition, crop=crop))


def thumbnail_for(stored: StoredFile, width: int = 320) -> StoredFile:
    """Return a small copy for pages, made once; widths are rounded up to a few."""
    chosen = next((size for size in THUMBNAIL_WIDTHS if size >= width), THUMBNAIL_WIDTHS[-1])
    known = stored.renditions.filter(recipe=f"v1 thumbnail {chosen}").first()
    return known or _keep_copy(stored, thumbnail(path_of(stored).read_bytes(), chosen))


def media_answer(stored: StoredFile) -> FileResponse:
    """Return a copy as an answer that a browser shows and does nothing else with. The wall was asked before."""
    if stored.source_id is None:
        raise ValueError("originals never leave")
    name = f"{stored.sha256[:12]}.{EXTENSIONS[stored.mime]}"
    answer = FileResponse(path_of(stored).open("rb"), content_type=stored.mime)
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def _keep_copy(source: StoredFile, made: Rendered) -> StoredFile:
    """Store a copy beside its original."""
    facts = {
        "mime": made.mime,
        "width": made.width,
        "height": made.height,
        "sha256": hashlib.sha256(made.data).hexdigest(),
    }
    lookup = {"source": source, "recipe": made.recipe}
    return _store(brand_id=source.brand_id, data=made.data, lookup=lookup, facts=facts)


def _store(*, brand_id: int, data: bytes, lookup: dict[str, Any], facts: dict[str, Any]) -> StoredFile:
    """Write the bytes under a name of ours, then the row; whoever comes second takes the first one's row."""
    path = _write(brand_id=brand_id, data=data, extension=EXTENSIONS[facts["mime"]])
    row = StoredFile(brand_id=brand_id, path=path, bytes=len(data), **facts, **lookup)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        path_of(row).unlink()
        return StoredFile.objects.get(brand_id=brand_id, **lookup)
    return row


def _write(*, brand_id: int, data: bytes, extension: str) -> str:
    """Put the bytes on disk, whole or not at all, and return the path below the media folder."""
    name = secrets.token_hex(16)
    path = Path("brands") / str(brand_id) / name[:2] / f"{name}.{extension}"
    full = Path(settings.MEDIA_ROOT) / path
    full.parent.mkdir(parents=True, exist_ok=True)
    half = full.with_suffix(".half")
    with half.open("xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    half.replace(full)
    return path.as_posix()
