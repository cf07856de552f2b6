"""What every page’s frame shows: brands, places, counts, the stop."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _

from accounts.models import Brand
from accounts.permissions import Ability
from accounts.scope import brands_of, row_number
from calendar_app.models import Approval, ApprovalState
from community.models import Conversation, ConversationState
from publisher import outage
from publisher.models import Channel, Publication, Stop, StopScope, among
from publisher.states import FAILED, MISSED, UNKNOWN

MANY = 2
OF_ALL = ("calendar_all", "inbox_all", "outgoing_all")
ALIKE = ("inbox", "outgoing", "approvals", "campaigns", "library", "channels", "people", "feeds")
"""Pages that each brand has, and that whoever sees one brand’s may open for another."""
WANTS_A_HAND = (FAILED, MISSED, UNKNOWN)


@dataclass(frozen=True)
class Place:
    """One entry of the side column. ``families`` are the beginnings of the view names that belong to it."""

    label: str
    icon: str
    address: str
    is_here: bool
    count: int = 0
    counted: str = ""


def _address(name: str, *args: Any) -> str:
    """Return the address of a view, or nothing where this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _counted(queryset: QuerySet[Any], brand_path: str) -> Coalesce:
    """Return how many rows of a queryset belong to the outer brand, as a column."""
    inner = queryset.filter(**{brand_path: OuterRef("pk")}).order_by().values(brand_path)
    return Coalesce(Subquery(inner.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _numbers(of: list[int] | QuerySet[Any, Any]) -> dict[str, Combinable]:
    """Return the numbers that the frame shows of one brand, as columns; those of fifty would cost more than a whole page."""
    numbers: dict[str, Combinable] = {
        "asked_count": _counted(Approval.objects.filter(state=ApprovalState.ASKED), "revision__post__brand"),
        "open_count": _counted(Conversation.objects.filter(state=ConversationState.OPEN), "brand"),
        "troubled_count": _counted(Publication.objects.filter(among(WANTS_A_HAND)), "brand"),
        "channel_count": _counted(Channel.objects.filter(archived_at__isnull=True), "brand"),
    }
    return {name: Case(When(pk__in=of, then=number), default=None) for name, number in numbers.items()}


class Shell:
    """The frame for one request; nothing is asked of the database before a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def brands(self) -> list[Brand]:
        """Return the brands of whoever is signed in, with the numbers that the frame shows beside them."""
        user = self.request.user
        if not user.is_authenticated:
            return []
        mine = brands_of(user).select_related("agency").order_by("name", "pk")
        wanted = self._wanted
        found = list(mine.annotate(**_numbers(wanted or mine.values("pk")[:1])))
        if found and wanted and not any(brand.pk in wanted for brand in found):
            found = list(mine.annotate(**_numbers([found[0].pk])))
        return found

    @cached_property
    def _wanted(self) -> list[int]:
        """Return the brand of the address or of what the page shows, and the last one seen; there may be none of them."""
        match = self.request.resolver_match
        of_address = match.kwargs.get("brand") if match else None
        of_page = getattr(getattr(self.request, "brand", None), "pk", None)
        named = row_number(self.request.GET.get("brand", "")) if self._here == "home" else 0
        return [one for one in (of_address, of_page, named, self.request.session.get("brand")) if one]

    @cached_property
    def brand(self) -> Brand | None:
        """Return the brand that this page is about, the last one seen, or the first; the session remembers it."""
        session, mine = self.request.session, {brand.pk: brand for brand in self.brands}
        found = next((mine[one] for one in self._wanted if one in mine), None)
        if found is None:
            return self.brands[0] if self.brands else None
        if session.get("brand") != found.pk:
            session["brand"] = found.pk
        return found

    @cached_property
    def is_of_all(self) -> bool:
        """Whether this page is about all brands."""
        if self._here == "home":
            return len(self.brands) >= MANY and not self._named_at_home
        return self._here.startswith(OF_ALL)

    @property
    def _here(self) -> str:
        match = self.request.resolver_match
        return (match.url_name or "") if match else ""

    @cached_property
    def _named_at_home(self) -> int:
        """Return the brand that the address of the home page names, if somebody may see it."""
        named = row_number(self.request.GET.get("brand", "")) if self._here == "home" else 0
        return named if any(brand.pk == named for brand in self.brands) else 0

    @cached_property
    def stop(self) -> Stop | None:
        """Return the widest open stop that holds this brand back; on a page of all brands, one that holds all of them."""
        if self.brand is None:
            return None
        reach = Q(scope=StopScope.ALL)
        if not self.is_of_all:
            reach |= Q(agency=self.brand.agency) | Q(brand=self.brand) | Q(channel__brand=self.brand)
        return Stop.objects.filter(reach, lifted_at__isnull=True).exclude(scope=StopScope.POST).order_by("pk").first()

    @cached_property
    def outage(self) -> str:
        """Return what those who run a brand should know of a clock that stands still: *late*, *still*, or nothing."""
        user = self.request.user
        found = outage.shown() if user.is_authenticated else ""
        return found if found and brands_of(user, ability=Ability.MANAGE_BRAND).exists() else ""

    def _place(self, label: str, icon: str, name: str, **more: Any) -> Place:
        """Return a place of the current brand."""
        match = self.request.resolver_match
        here = match.url_name or "" if match else ""
        families = more.pop("families", (name,))
        args = more.pop("args", (self.brand.pk,) if self.brand else ())
        return Place(label, icon, _address(name, *args), any(here.startswith(f) for f in families), **more)

    @cached_property
    def places(self) -> list[Place]:
        """Return the places of a brand that exist."""
        brand = self.brand
        if brand is None:
            return []
        asked, to_handle = getattr(brand, "asked_count", 0), getattr(brand, "open_count", 0)
        found = [
            self._place(_("Calendar"), "cal", "calendar", families=("calendar", "post", "day"), args=()),
            self._place(
                _("Moderation"),
                "inbox",
                "inbox",
                families=("inbox", "conversation"),
                count=to_handle,
                counted=_("to handle"),
            ),
            self._place(
                _("Approvals"), "check", "approvals", families=("approval", "pack"), count=asked, counted=_("waiting")
            ),
            self._place(_("Media library"), "image", "library", families=("library", "asset")),
            self._place(
                _("Outgoing"),
                "send",
                "outgoing",
                families=("outgoing", "publication", "missed"),
                count=self.troubled,
                counted=_("need a hand"),
            ),
        ]
        return [place for place in found if place.address]

    @property
    def troubled(self) -> int:
        """Return how many publications of the current brand failed, were missed, or may be out."""
        return int(getattr(self.brand, "troubled_count", 0))

    @cached_property
    def settings_places(self) -> list[Place]:
        """Return the places of the house: people, channels, the calendar on the phone."""
        if self.brand is None:
            return []
        found = [
            self._place(_("Campaigns"), "bulb", "campaigns", families=("campaign",)),
            self._place(_("The brand"), "gear", "brand_settings"),
            self._place(_("Channels"), "plug", "channels", families=("channel",)),
            self._place(_("People and roles"), "users", "people", families=("people", "invitation")),
            self._place(_("Calendar on the phone"), "phone", "feeds", families=("feed",)),
            self._place(_("Test mail"), "bell", "letters", families=("letter",), args=()),
        ]
        return [place for place in found if place.address]

    @cached_property
    def switches(self) -> list[tuple[Brand, str]]:
        """Return every brand with the address that makes it the current one: the same page where brands have it."""
        here = self._here.removesuffix("_all")
        if here == "home":
            return [(brand, f"{_address('home')}?brand={brand.pk}") for brand in self.brands]
        name = here if here in ALIKE else "brand"
        return [(brand, _address(name, brand.pk)) for brand in self.brands]

    @cached_property
    def all_address(self) -> str:
        """Return this page for all brands, or their calendar, for whoever has more than one."""
        if len(self.brands) < MANY:
            return ""
        here = self._here.removesuffix("_all")
        alike = {"home": "home", "inbox": "inbox_all", "outgoing": "outgoing_all"}
        return _address(alike.get(here, "calendar_all_now"))

    @cached_property
    def logout_address(self) -> str:
        """Return where a person leaves."""
        return _address("account_logout")

    @cached_property
    def stop_address(self) -> str:
        """Return where outgoing posts are stopped, or nothing."""
        return _address("stops", self.brand.pk) if self.brand else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame’s values for whoever is signed in, nothing for others."""
    return {"shell": SimpleLazyObject(lambda: Shell(request))}
