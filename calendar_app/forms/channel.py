"""One channel on the desk: what is typed or stored for it, where it differs from the others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import select_template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calendar_app.drafting import MediaChoice, VariantChanges
from calendar_app.forms.compose import (
    FIRST_DAY,
    FOLDS,
    LAST_DAY,
    LONGEST_TEXT,
    TOO_LONG,
    HourForm,
    Typed,
    pictures_in,
)
from calendar_app.forms.cuts import cut_of
from calendar_app.models import Part, PartKind, PartMedia, PostMedia, Variant
from publisher.contract.base import Adapter
from publisher.contract.content import Content, Media
from publisher.models import Channel, ChannelState

MOST_PARTS = 20  # of one thread; more is a mistake of the hand
USUAL = {"visibility": "public"}  # what a platform does where nobody chooses, written down all the same


class ChannelForm(HourForm):
    """What one channel gets that differs from the others; its prefix is ``c<id>``."""

    own = forms.BooleanField(label=gettext_lazy("Different text here"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Text for this channel"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "input"}),
        validators=[MaxLengthValidator(LONGEST_TEXT, TOO_LONG)],
    )
    link = forms.URLField(
        label=gettext_lazy("Link for this channel"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "input"}),
        error_messages={"invalid": gettext_lazy("Write the whole address, as https://example.it/page.")},
    )
    own_media = forms.BooleanField(label=gettext_lazy("Other pictures here"), required=False)
    own_hour = forms.BooleanField(label=gettext_lazy("Different time here"), required=False)
    on = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        error_messages={"invalid": gettext_lazy("Write the day as 17/12/2026.")},
    )
    at = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time", "class": "input"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("Write the time as 09:30.")},
    )
    fold = forms.ChoiceField(
        label=gettext_lazy("Which of the two"), choices=FOLDS, required=False, widget=forms.RadioSelect
    )
    first_comment = forms.CharField(
        label=gettext_lazy("First comment"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "input"}),
        validators=[MaxLengthValidator(LONGEST_TEXT, TOO_LONG)],
    )

    def clean(self) -> dict[str, Any]:
        """Join the channel's own day and hour, where it has them."""
        cleaned = super().clean() or {}
        cleaned["wall"] = None
        if not cleaned.get("own"):
            self.errors.pop("link", None)
            cleaned.setdefault("link", "")
        if not cleaned.get("own_hour"):
            for name in ("on", "at", "fold"):
                self.errors.pop(name, None)
            return cleaned
        on, at = cleaned.get("on"), cleaned.get("at")
        if on is None and "on" not in self.errors:
            self.add_error("on", _("Choose the day."))
        if at is None and "at" not in self.errors:
            self.add_error("at", _("Choose the time."))
        if on and at:
            cleaned["wall"] = datetime.combine(on, at)
            cleaned["fold"] = self.fold_of(cleaned["wall"], cleaned.get("fold") or "")
        return cleaned


@dataclass(slots=True)
class Further:
    """A further post of a thread: its words and its pictures."""

    text: str
    pictures: list[Typed] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class ChannelDesk:
    """One channel on the desk: whether it is chosen, and what differs there."""

    channel: Channel
    adapter: Adapter
    is_on: bool
    form: ChannelForm
    options: dict[str, Any]
    variant: Variant | None
    pictures: list[Typed] = field(default_factory=list)
    parts: list[Further] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def pk(self) -> int:
        """Return the channel’s id, as the form names it."""
        return self.channel.pk

    @property
    def name(self) -> str:
        """Return the channel’s name."""
        return self.channel.name

    @property
    def platform(self) -> str:
        """Return the platform’s name."""
        return self.adapter.name

    @property
    def monogram(self) -> str:
        """Return the platform’s two letters."""
        return self.adapter.monogram

    @property
    def prefix(self) -> str:
        """Return what the names of this channel’s fields begin with."""
        return f"c{self.channel.pk}"

    @property
    def note(self) -> str:
        """Return what has to be known of the channel before choosing it."""
        return _("To reconnect before anything goes out here.") if self.channel.state == ChannelState.LOST else ""

    @property
    def takes_first_comment(self) -> bool:
        """Whether the platform lets us write the first comment."""
        return PartKind.FIRST_COMMENT in self.adapter.kinds

    @property
    def takes_parts(self) -> bool:
        """Whether a post may go on as a thread."""
        return PartKind.PART in self.adapter.kinds

    @property
    def written_parts(self) -> tuple[Further, ...]:
        """Return the further posts that say or show something."""
        return tuple(one for one in self.parts if one.text.strip() or one.pictures)

    @property
    def thread_problems(self) -> list[str]:
        """Return why the further posts cannot be kept; nothing of them is cut away without a word."""
        found = []
        if len(self.written_parts) > MOST_PARTS:
            found.append(_("A thread can have at most %(n)d further posts.") % {"n": MOST_PARTS})
        if any(len(one.text) > LONGEST_TEXT for one in self.parts):
            found.append(str(TOO_LONG) % {"limit_value": LONGEST_TEXT})
        return found

    @property
    def picture_lists(self) -> list[list[Typed]]:
        """Return every list of pictures that this channel has of its own."""
        return [self.pictures, *(one.pictures for one in self.parts)]

    @property
    def has_own_text(self) -> bool:
        """Whether the text differs here."""
        return bool(self.form["own"].value())

    @property
    def has_own_media(self) -> bool:
        """Whether the pictures differ here."""
        return bool(self.form["own_media"].value())

    @property
    def differs(self) -> bool:
        """Whether anything stands under *more*."""
        chosen = {name: value for name, value in self.options.items() if value != USUAL.get(name)}
        return bool(self.written_parts or self.value("first_comment") or chosen)

    @property
    def options_template(self) -> str:
        """Return the template of the platform’s own fields, where it has some."""
        name = f"platforms/{self.adapter.slug}/options.html"
        try:
            select_template([name])
        except TemplateDoesNotExist:
            return ""
        return name

    def own_hour(self) -> tuple[datetime, int] | None:
        """Return the channel's own hour as it stands, with which of two equal ones is meant."""
        if not self.form.is_bound:
            return (self.variant.wall, self.variant.fold) if self.variant and self.variant.wall else None
        self.form.is_valid()  # an hour stands also where something else is still missing
        wall: datetime | None = self.form.cleaned_data.get("wall")
        return (wall, int(self.form.cleaned_data.get("fold") or 0)) if wall else None

    def value(self, name: str) -> Any:
        """Return what stands in a field of this channel."""
        return self.form[name].value()

    def changes(self, choices: Callable[[Iterable[Typed]], tuple[MediaChoice, ...]]) -> VariantChanges:
        """Return what this channel gets. The form has to be valid; ``choices`` makes pictures what a post stores."""
        cleaned = self.form.cleaned_data
        return VariantChanges(
            text=plain(cleaned["text"]) if self.has_own_text else None,
            link=cleaned["link"] if self.has_own_text else "",
            media=choices(self.pictures) if self.has_own_media else None,
            options=self.options,
            parts=tuple(plain(one.text) for one in self.written_parts),
            part_media=tuple(choices(one.pictures) for one in self.written_parts),
            first_comment=plain(cleaned["first_comment"]).strip(),
            wall=cleaned["wall"],
            fold=int(cleaned["fold"]) if cleaned["wall"] and self.form.is_twice else None,
        )

    def contents(
        self,
        text: str,
        link: str,
        media: tuple[Media, ...],
        media_of: Callable[[Iterable[Typed]], tuple[Media, ...]],
        language: str,
    ) -> list[Content]:
        """Return what the platform counts and judges: the post, the rest of its thread, the first comment."""
        own = self.has_own_text
        said = str(self.options.get("language") or language)
        first = Content(
            text=plain(str(self.value("text") or ""))[:LONGEST_TEXT] if own else plain(text),
            link=str(self.value("link") or "").strip() if own else link,
            media=media,
            language=said,
            options=self.options,
        )
        hung = Content(text="", language=said, options=self.options, reply_to="the part before it")
        further = [
            replace(hung, kind=PartKind.PART, text=plain(one.text)[:LONGEST_TEXT], media=media_of(one.pictures))
            for one in self.written_parts[:MOST_PARTS]
            if self.takes_parts
        ]
        comment = str(self.value("first_comment") or "").strip()[:LONGEST_TEXT]
        if comment and self.takes_first_comment:
            further.append(replace(hung, kind=PartKind.FIRST_COMMENT, text=plain(comment)))
        return [first, *further]


def plain(text: str) -> str:
    """Return a text with the line ends that everybody counts alike."""
    return text.replace("\r\n", "\n")


def stored_values(variant: Variant | None, *, wall: datetime | None) -> dict[str, Any]:
    """Return what stands in a channel's fields when nobody has typed yet."""
    if variant is None:
        return {"on": wall.date(), "at": wall.time()} if wall else {}
    parts = {part.kind: part.text for part in sorted(variant.parts.all(), key=lambda one: -one.number)}
    hour = variant.wall or wall
    return {
        "own": variant.own_text,
        "text": parts.get(PartKind.POST, "") if variant.own_text else "",
        "link": variant.link if variant.own_text else "",
        "own_media": variant.own_media,
        "own_hour": variant.wall is not None,
        **({"on": hour.date(), "at": hour.time(), "fold": str(variant.fold)} if hour else {}),
        "first_comment": parts.get(PartKind.FIRST_COMMENT, ""),
    }


def stored_pictures(variant: Variant | None) -> list[Typed]:
    """Return the pictures that a channel has of its own."""
    first = next((part for part in variant.parts.all() if part.kind == PartKind.POST), None) if variant else None
    if variant is None or first is None or not variant.own_media:
        return []
    return _pictures(first)


def _pictures(part: Part) -> list[Typed]:
    return [typed_picture(item) for item in sorted(part.media.all(), key=lambda item: item.position)]


def typed_picture(item: PartMedia | PostMedia) -> Typed:
    """Return a stored picture as the form shows it."""
    stored = item.asset.file
    return Typed(item.asset_id, item.alt, cut_of(item.crop, width=stored.width, height=stored.height))


def stored_parts(variant: Variant | None) -> list[Further]:
    """Return the further posts of a thread."""
    parts = [part for part in variant.parts.all() if part.kind == PartKind.PART] if variant else []
    return [Further(part.text, _pictures(part)) for part in sorted(parts, key=lambda part: part.number)]


def typed_parts(data: QueryDict, prefix: str) -> list[Further]:
    """Return the further posts as they stand in the form, empty ones included; each names where its pictures stand."""
    texts, places = data.getlist(f"{prefix}-part"), data.getlist(f"{prefix}-part-place")
    places += [""] * len(texts)
    return [
        Further(plain(str(words)), pictures_in(data, f"{prefix}-part-{place}-") if place else [])
        for words, place in zip(texts, places, strict=False)
    ]


def rearranged(parts: Sequence[Further], wish: str) -> list[Further]:
    """Return the further posts after a wish: ``more``, or ``2:away``."""
    which, _sep, how = wish.partition(":")
    if which == "more":
        return [*parts, Further("")] if len(parts) < MOST_PARTS else list(parts)
    return [one for place, one in enumerate(parts) if not (how == "away" and str(place) == which)]
