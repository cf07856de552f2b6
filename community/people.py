"""Accounts out there as one brand sees them: found or made in bulk, renamed when they are."""

from collections.abc import Iterable

from community.models import Conversation, Identity
from community.strangers import web_address
from publisher.contract.answers import storable
from publisher.contract.content import Person

LONGEST = 255
MOST_IN_ONE_QUESTION = 500


def identities_of(conversation: Conversation, people: Iterable[Person]) -> dict[str, Identity]:
    """Return the row of each person by remote id, making and renaming what has to be."""
    wanted = {person.remote_id: _row(conversation, person) for person in people}
    known = _known(conversation, list(wanted))
    changed = [row for remote_id, row in wanted.items() if _differs(known.get(remote_id), row)]
    for row in changed:
        row.muted_at = known[row.remote_id].muted_at if row.remote_id in known else None
    for start in range(0, len(changed), MOST_IN_ONE_QUESTION):
        Identity.objects.bulk_create(
            changed[start : start + MOST_IN_ONE_QUESTION],
            update_conflicts=True,
            unique_fields=["brand", "platform", "server", "remote_id"],
            update_fields=["handle", "shown_name", "url"],
        )
    return known | {row.remote_id: row for row in changed}


def _row(conversation: Conversation, person: Person) -> Identity:
    profile = conversation.channel.profile
    return Identity(
        brand_id=conversation.brand_id,
        platform=profile.platform,
        server=profile.server,
        remote_id=storable(person.remote_id)[:LONGEST],
        handle=storable(person.handle)[:LONGEST],
        shown_name=storable(person.name)[:LONGEST],
        url=web_address(person.url),
    )


def _known(conversation: Conversation, remote_ids: list[str]) -> dict[str, Identity]:
    profile, known = conversation.channel.profile, dict[str, Identity]()
    accounts = Identity.objects.filter(brand=conversation.brand_id, platform=profile.platform, server=profile.server)
    for start in range(0, len(remote_ids), MOST_IN_ONE_QUESTION):
        some = accounts.filter(remote_id__in=remote_ids[start : start + MOST_IN_ONE_QUESTION])
        known.update((identity.remote_id, identity) for identity in some)
    return known


def _differs(known: Identity | None, row: Identity) -> bool:
    if known is None:
        return True
    return (known.handle, known.shown_name, known.url) != (row.handle, row.shown_name, row.url)
