"""How a picture is cut: by a shape and where it lies, which anybody can choose; stored as the box that is sent."""

from dataclasses import dataclass
from itertools import product
from typing import Any

from django.utils.translation import gettext, gettext_lazy

SHAPES = {
    "1:1": (1, 1, gettext_lazy("Square")),
    "4:5": (4, 5, gettext_lazy("Portrait, 4:5")),
    "16:9": (16, 9, gettext_lazy("Landscape, 16:9")),
}
PLACES = {
    "centre": (0.5, gettext_lazy("the middle")),
    "start": (0.0, gettext_lazy("top or left")),
    "end": (1.0, gettext_lazy("bottom or right")),
}
WHOLE = 1000  # a box is given in thousandths


@dataclass(frozen=True, slots=True)
class Group:
    """A shape with the places that it can have."""

    label: Any
    options: list[tuple[str, Any]]


def groups() -> list[Group]:
    """Return what can be chosen, by shape."""
    return [
        Group(label, [(f"{shape} {place}", words) for place, (_share, words) in PLACES.items()])
        for shape, (_wide, _high, label) in SHAPES.items()
    ]


def box_of(cut: str, *, width: int, height: int) -> str:
    """Return the box of a chosen cut; a box that somebody set otherwise stays, and nothing is the whole picture."""
    shape, _sep, place = cut.partition(" ")
    if shape not in SHAPES or place not in PLACES:
        return cut if _is_box(cut) else ""
    wide, high, _label = SHAPES[shape]
    share = PLACES[place][0]
    if not width or not height or width * high == height * wide:
        return ""
    if width * high > height * wide:
        kept = round(WHOLE * height * wide / high / width)
        left = round((WHOLE - kept) * share)
        return f"{left},0,{left + kept},{WHOLE}"
    kept = round(WHOLE * width * high / wide / height)
    top = round((WHOLE - kept) * share)
    return f"0,{top},{WHOLE},{top + kept}"


def _is_box(cut: str) -> bool:
    """Tell whether it is left, top, right and bottom in thousandths, of a picture that is not empty."""
    parts = cut.split(",")
    if len(parts) != 4 or not all(one.isascii() and one.isdecimal() and len(one) <= 4 for one in parts):
        return False
    left, top, right, bottom = map(int, parts)
    return left < right <= WHOLE and top < bottom <= WHOLE


def cut_of(box: str, *, width: int, height: int) -> str:
    """Return the cut that a stored box came from; a box of another origin as it stands."""
    if not box:
        return ""
    cuts = (f"{shape} {place}" for shape, place in product(SHAPES, PLACES))
    return next((cut for cut in cuts if box_of(cut, width=width, height=height) == box), box)


def css_of(cut: str) -> str:
    """Return the classes with which a preview shows the same part of the picture."""
    shape, _sep, place = cut.partition(" ")
    return f"cut-{shape.replace(':', '-')} at-{place}" if shape in SHAPES and place in PLACES else ""


def words_of(cut: str) -> str:
    """Return a cut as people choose it."""
    shape, _sep, place = cut.partition(" ")
    known = shape in SHAPES and place in PLACES
    return f"{SHAPES[shape][2]}: {PLACES[place][1]}" if known else gettext("As cropped elsewhere")
