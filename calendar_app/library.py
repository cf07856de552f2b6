"""The brand’s pictures: adding them, describing them, finding where they are used."""

from django.db import transaction
from django.db.models import Count, QuerySet

from accounts.audit import record
from accounts.models import Brand, User
from accounts.permissions import Ability
from calendar_app.models import Asset, AssetAlt
from calendar_app.rights import require
from publisher.files import clean_label, keep_original


def add_picture(*, brand: Brand, by: User | None, data: bytes, name: str, alt: str = "") -> Asset:
    """Put a picture into the library; the same bytes again are the same picture. Raises PictureRefused.

    A description that is given fills an empty one and never overwrites another.
    """
    require(by, Ability.WRITE, brand)
    stored = keep_original(brand=brand, data=data)
    with transaction.atomic():
        asset = Asset.objects.filter(brand=brand, file=stored, archived_at=None).first()
        if asset is None:
            asset = Asset.objects.create(brand=brand, file=stored, name=clean_label(name) or "—")
            record("asset.added", by=by, brand=brand, subject=asset, data={"sha256": stored.sha256})
        if alt.strip():
            AssetAlt.objects.get_or_create(asset=asset, language=brand.language, defaults={"text": alt.strip()})
    return asset


def set_alt(asset: Asset, *, by: User | None, text: str, language: str = "") -> None:
    """Write the alternative text in a language, the brand’s where none is named. Posts already frozen keep theirs."""
    require(by, Ability.WRITE, asset.brand)
    with transaction.atomic():
        AssetAlt.objects.update_or_create(
            asset=asset, language=language or asset.brand.language, defaults={"text": text.strip()}
        )
        record("asset.described", by=by, brand=asset.brand, subject=asset)


def pictures_of(brand: Brand) -> QuerySet[Asset]:
    """Return the library, newest first, with how often each picture is used."""
    found = Asset.objects.filter(brand=brand, archived_at=None).select_related("file").prefetch_related("alts")
    return found.annotate(use_count=Count("uses__part__variant__post", distinct=True)).order_by("-pk")
