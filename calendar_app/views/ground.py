"""What a page of the calendar is about: one brand, or all of them; who may do what there; and where its pages are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Brand
from accounts.permissions import Ability, abilities_among, abilities_in
from accounts.scope import brand_for, brands_of
from accounts.wall import wall_of

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Ground:
    """The brand of a page, or all brands where it has none."""

    brand: Brand | None
    brands: Sequence[Brand]
    abilities: dict[int, frozenset[Ability]]

    @property
    def scope(self) -> Brand | Sequence[Brand]:
        """Return what the calendar is asked for."""
        return self.brand or self.brands

    def with_ability(self, ability: Ability) -> list[Brand]:
        """Return the brands in which the reader may do something."""
        return [brand for brand in self.brands if ability in self.abilities.get(brand.pk, ())]

    @cached_property
    def writable(self) -> list[Brand]:
        """Return the brands for which the reader may write posts."""
        return self.with_ability(Ability.WRITE)

    @cached_property
    def movable(self) -> set[int]:
        """Return the brands whose posts the reader may move, by id."""
        return {brand.pk for brand in self.with_ability(Ability.PLAN)}

    @property
    def may_send(self) -> bool:
        """Whether the reader may send this brand’s posts for approval."""
        return self.brand is not None and bool(self.with_ability(Ability.SEND_FOR_APPROVAL))

    @cached_property
    def months(self) -> str:
        """Return where months and days begin: a year and a month follow, and a day."""
        return self._start("calendar_month", "calendar_all", 2000, 1)

    @cached_property
    def weeks(self) -> str:
        """Return where weeks begin: a day follows."""
        return self._start("calendar_week", "calendar_all_week", "2000-01-03")

    @cached_property
    def agendas(self) -> str:
        """Return where agendas begin: a year and a month follow."""
        return self._start("calendar_agenda", "calendar_all_agenda", 2000, 1)

    @cached_property
    def search(self) -> str:
        """Return where one searches."""
        return self._start("calendar_search", "calendar_all_search")

    @cached_property
    def writing(self) -> str:
        """Return where a post of this brand is written, or nothing for all brands."""
        return reverse("post_new", args=[self.brand.pk]) if self.brand else ""

    @cached_property
    def this_week(self) -> str:
        """Return the address of this week, where the brand is."""
        zone = self.brand.zone if self.brand else timezone.get_current_timezone_name()
        return self.week_at(monday_of(wall_of(at=timezone.now(), zone=zone).date()))

    @cached_property
    def today(self) -> str:
        """Return what leads to this month."""
        return self._start("brand", "calendar_all_now")

    def month_at(self, on: date) -> str:
        """Return the address of the month of a day."""
        return f"{self.months}{on.year}/{on.month}/"

    def agenda_at(self, on: date) -> str:
        """Return the address of the agenda of a day’s month."""
        return f"{self.agendas}{on.year}/{on.month}/"

    def week_at(self, on: date) -> str:
        """Return the address of the week that begins on a Monday."""
        return f"{self.weeks}{on.isoformat()}/"

    def _start(self, of_brand: str, of_all: str, *sample: int | str) -> str:
        """Return the beginning of an address, without the sample that the pattern asks for."""
        address = reverse(of_brand, args=[self.brand.pk, *sample]) if self.brand else reverse(of_all, args=sample)
        return address.removesuffix("".join(f"{one}/" for one in sample))


def monday_of(on: date) -> date:
    """Return the Monday of a day’s week."""
    return on - timedelta(days=on.weekday())


def ground_of(request: HttpRequest, brand: int | None) -> Ground:
    """Return the brand of the address with what the reader may do there, or all brands that the reader reaches."""
    if brand is None:
        brands = list(brands_of(request.user).select_related("agency").order_by("name"))
        return Ground(None, brands, abilities_among(request.user, brands))
    of_brand = brand_for(request, brand)
    return Ground(of_brand, [of_brand], {of_brand.pk: abilities_in(request.user, of_brand)})


def day_or_404(year: int, month: int, day: int = 1) -> date:
    """Return a day of the calendar."""
    try:
        on = date(year, month, day)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise Http404
    return on
