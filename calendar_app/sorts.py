"""What the posts of some days are sorted by, with names and numbers: the pills of the calendar."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Value

from accounts.models import User
from calendar_app.lines import ChannelSign
from calendar_app.models import Campaign
from calendar_app.shown import ShownState
from calendar_app.sifting import Counts
from publisher.models import Channel
from publisher.platforms import adapter_of


@dataclass(frozen=True, slots=True)
class Named:
    """A campaign or a person, and how many posts are theirs."""

    pk: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Sorts:
    """How many posts of each sort there are, with names. A pill says what it shows beside the other filters;
    ``count_all`` and ``mix`` are of everything.
    """

    count_all: int
    mix: dict[str, int]
    states: tuple[tuple[ShownState, int], ...]
    kinds: dict[str, int]
    channels: tuple[tuple[ChannelSign, int], ...]
    campaigns: tuple[Named, ...]
    people: tuple[Named, ...]


def sorts_of(counts: Counts) -> Sorts:
    """Return the counts with the names of what they count."""
    named: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for sort, pk, name, platform in _names(counts):
        named[sort].append((pk, name, platform))
    return Sorts(
        count_all=counts.total,
        mix=dict(counts.mix),
        states=counts.shown_states,
        kinds=dict(counts.kinds),
        channels=tuple(
            (ChannelSign(pk, adapter_of(platform).monogram, name), counts.channels[pk])
            for pk, name, platform in named["channel"]
        ),
        campaigns=tuple(Named(pk, name, counts.campaigns[pk]) for pk, name, _ in named["campaign"]),
        people=tuple(Named(pk, name, counts.people[pk]) for pk, name, _ in named["person"]),
    )


def _names(counts: Counts) -> list[tuple[str, int, str, str]]:
    """Return the names of the channels, campaigns and people that were counted, in one query."""
    columns = ("sort", "pk", "name", "platform")
    channels = Channel.objects.filter(pk__in=list(counts.channels)).annotate(
        sort=Value("channel"), platform=F("profile__platform")
    )
    campaigns = Campaign.objects.filter(pk__in=list(counts.campaigns)).annotate(
        sort=Value("campaign"), platform=Value("")
    )
    people = User.objects.filter(pk__in=list(counts.people)).annotate(sort=Value("person"), platform=Value(""))
    rows = channels.values_list(*columns).union(campaigns.values_list(*columns), people.values_list(*columns))
    return sorted(rows, key=lambda row: row[2].casefold())
