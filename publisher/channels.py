"""Channels of a brand: connecting, reconnecting, disconnecting, and what a call through one needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.audit import record
from accounts.models import Brand, User
from accounts.vault import Unreadable, open_sealed, seal
from publisher.contract.addresses import Refused, place_of
from publisher.contract.base import Call, EndsSignIn, SignsInWithPassword
from publisher.contract.content import Found, FoundProfile, Secrets, Target
from publisher.contract.errors import AdapterError, Rejected, SignIn
from publisher.door import door
from publisher.models import Channel, ChannelState, Connection, ConnectionState, Profile, Stream
from publisher.platforms import adapter_of
from publisher.signals import channel_lost, tell
from publisher.streams import listen

LONGEST_TOKEN = 4096
LIMITS_LIVE = timedelta(days=1)
MOST_AT_ONCE = 20
LIVE = (ConnectionState.CONNECTED, ConnectionState.LOST)
Opened = tuple[Secrets, Found]


def channels_of(brand: Brand) -> QuerySet[Channel]:
    """Return the channels of a brand that were not disconnected."""
    found = Channel.objects.filter(brand=brand, archived_at__isnull=True)
    return found.select_related("profile", "connection").order_by("name", "pk")


def connect(*, brand: Brand, platform: str, url: str, token: str, name: str = "", by: User | None) -> Channel:
    """Store a channel for the account that the token opens; the same account again is reconnected. Raises AdapterError."""
    server = server_of(url)
    opened = _ask(platform, server, token)
    return _keep(opened, brand=brand, platform=platform, name=name, by=by)


def sign_in(*, brand: Brand, platform: str, account: str, password: str, name: str = "", by: User | None) -> Channel:
    """Store a channel for an account that is opened by its name and a password made for us. Raises AdapterError."""
    opened = _open_session(platform, account, password)
    return _keep(opened, brand=brand, platform=platform, name=name, by=by)


def reconnect(channel: Channel, *, token: str, by: User | None) -> Channel:
    """Give a channel a new token or password, which must open the same account. Raises AdapterError."""
    profile = channel.profile
    if takes_password(profile.platform):
        secrets, found = _open_session(profile.platform, profile.remote_id, token)
    else:
        secrets, found = _ask(profile.platform, profile.server, token)
    same = tuple(one for one in found.profiles if one.remote_id == profile.remote_id)
    if not same or found.server != profile.server:
        raise SignIn("server_moved" if same else "other_account")
    opened = secrets, replace(found, profiles=same)
    return _keep(opened, brand=channel.brand, platform=profile.platform, name=channel.name, by=by)


def read_again(channel: Channel, *, by: User | None = None) -> None:
    """Ask whether the token still opens the door, and read the limits anew. Raises AdapterError; a lost one is marked."""
    try:
        found = adapter_of(channel.profile.platform).check(call_of(channel))
    except SignIn as error:
        mark_lost(channel, code=error.code)
        raise
    for one in found.profiles:
        if one.remote_id == channel.profile.remote_id:
            _store_profile(one, platform=channel.profile.platform, server=found.server)
    _mark_connected(channel.connection)
    if by is not None:
        record("channel.checked", by=by, brand=channel.brand, subject=channel)


def disconnect(channel: Channel, *, by: User | None) -> None:
    """End a channel. With the last channel of a sign-in the token goes: revoked where the platform can, then erased."""
    others = Channel.objects.filter(connection=channel.connection, archived_at__isnull=True).exclude(pk=channel.pk)
    is_last = not others.exists()
    is_revoked = is_last and _revoke(channel)
    with transaction.atomic():
        ended = Channel.objects.filter(pk=channel.pk, archived_at__isnull=True)
        if not ended.update(state=ChannelState.ENDED, archived_at=datetime.now(UTC)):
            return
        Stream.objects.filter(channel=channel).update(next_at=None)
        if is_last:
            Connection.objects.filter(pk=channel.connection_id).update(
                state=ConnectionState.ENDED, sealed_access="", sealed_refresh="", expires_at=None, last_problem=""
            )
        record(
            "channel.disconnected",
            by=by,
            brand=channel.brand,
            subject=channel,
            data={"name": channel.name, "token_erased": is_last, "token_revoked": is_revoked},
        )


def mark_lost(channel: Channel, *, code: str) -> None:
    """Say that a channel's sign-in no longer opens the door."""
    lose(channel.connection_id, code=code)


def lose(connection_id: int, *, code: str) -> None:
    """Say that a sign-in no longer opens the door: all channels that lean on it have to be reconnected."""
    with transaction.atomic():
        Connection.objects.filter(pk=connection_id, state__in=LIVE).update(
            state=ConnectionState.LOST, last_problem=code[:60]
        )
        leaning = Channel.objects.filter(connection=connection_id, state=ChannelState.CONNECTED)
        for one in leaning.select_related("brand"):
            if Channel.objects.filter(pk=one.pk, state=ChannelState.CONNECTED).update(state=ChannelState.LOST):
                record("channel.lost", by=None, brand=one.brand, subject=one, label="publisher", data={"code": code})
                tell(channel_lost, channel_id=one.pk)


def target_of(channel: Channel) -> Target:
    """Return where a channel leads."""
    profile = channel.profile
    return Target(
        server=profile.server,
        remote_id=profile.remote_id,
        handle=profile.handle,
        software=profile.software,
        version=profile.version,
        limits=profile.limits,
        options=channel.options,
    )


def call_of(channel: Channel) -> Call:
    """Return what an adapter needs for a call through a channel. Raises SignIn where the token does not open."""
    secrets = secrets_of(channel.connection)
    return Call(target=target_of(channel), secrets=secrets, door=door(), places=places_of(channel.profile.platform))


def secrets_of(connection: Connection) -> Secrets:
    """Open the tokens of a sign-in. Raises SignIn: an unreadable token is never an empty one."""
    if connection.state == ConnectionState.ENDED or not connection.sealed_access:
        raise SignIn("channel_ended")
    try:
        access = open_sealed(connection.sealed_access, bound_to=_place(connection, "access"))
        refresh = connection.sealed_refresh and open_sealed(
            connection.sealed_refresh, bound_to=_place(connection, "refresh")
        )
    except Unreadable:
        raise SignIn("token_unreadable") from None
    return Secrets(access=access, refresh=refresh)


def sealed(connection: Connection, secrets: Secrets) -> dict[str, str]:
    """Return both tokens sealed to this row's key and field, ready to be stored in one statement."""
    return {
        "sealed_access": seal(secrets.access, bound_to=_place(connection, "access")),
        "sealed_refresh": secrets.refresh and seal(secrets.refresh, bound_to=_place(connection, "refresh")),
    }


def takes_password(platform: str) -> bool:
    """Say whether accounts of a platform are opened by name and a password made for us, not by a pasted key."""
    return isinstance(adapter_of(platform), SignsInWithPassword)


def places_of(platform: str) -> dict[str, str]:
    """Return the directories of a platform that this installation names itself."""
    return {name: url for name, url in settings.PLATFORM_PLACES.get(platform, {}).items() if url}


def server_of(url: str) -> str:
    """Return the server of an address as people type it. Raises Rejected for what is no address."""
    typed = url.strip()
    try:
        return place_of(typed if "://" in typed else f"https://{typed}").origin
    except Refused:
        raise Rejected("address_malformed") from None


def _place(connection: Connection, field: str) -> str:
    return f"connection:{connection.key}:{field}"


def _ask(platform: str, server: str, token: str) -> Opened:
    """Ask the platform who the token belongs to. Raises AdapterError."""
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token or not 0 < len(token) <= LONGEST_TOKEN:
        raise Rejected("token_malformed")
    secrets = Secrets(access=token)
    call = Call(target=Target(server=server, remote_id=""), secrets=secrets, door=door(), places=places_of(platform))
    try:
        found = adapter_of(platform).check(call)
    except SignIn as error:
        raise SignIn("key_refused" if error.code == "token_refused" else error.code, status=error.status) from None
    if not found.profiles:
        raise SignIn("key_refused")
    return secrets, found


def _open_session(platform: str, account: str, password: str) -> Opened:
    """Let the platform open a session for the account. Raises AdapterError."""
    adapter = adapter_of(platform)
    if not isinstance(adapter, SignsInWithPassword):
        raise Rejected("token_malformed")
    nowhere = Target(server="", remote_id="")
    call = Call(target=nowhere, secrets=Secrets(), door=door(), places=places_of(platform))
    return adapter.sign_in(call, account=account.strip(), password=password.strip())


def _revoke(channel: Channel) -> bool:
    """Revoke the token at the platform where it can; what fails is erased here all the same."""
    adapter = adapter_of(channel.profile.platform)
    if not isinstance(adapter, EndsSignIn):
        return False
    try:
        adapter.revoke(call_of(channel))
    except AdapterError:
        return False
    return True


@transaction.atomic
def _keep(opened: Opened, *, brand: Brand, platform: str, name: str, by: User | None) -> Channel:
    """Store profile, sign-in and channel."""
    found = opened[1]
    one = found.profiles[0]
    profile = _store_profile(one, platform=platform, server=found.server)
    connection = _store_connection(opened, brand=brand, platform=platform)
    values: dict[str, Any] = {"connection": connection, "state": ChannelState.CONNECTED}
    if name.strip():
        values["name"] = name.strip()[:120]
    channel, is_new = Channel.objects.update_or_create(
        brand=brand,
        profile=profile,
        archived_at=None,
        defaults=values,
        create_defaults={"name": profile.handle[:120] or one.name[:120], **values},
    )
    _mark_connected(connection)
    listen(channel)
    record(
        "channel.connected" if is_new else "channel.reconnected",
        by=by,
        brand=brand,
        subject=channel,
        data={"platform": platform, "server": found.server, "handle": profile.handle},
    )
    return channel


def _store_profile(one: FoundProfile, *, platform: str, server: str) -> Profile:
    """Store what the account out there is and allows."""
    values = {
        "handle": one.handle,
        "url": one.url,
        "software": one.software,
        "version": one.version,
        "limits": dict(one.limits),
        "limits_at": datetime.now(UTC),
    }
    return Profile.objects.update_or_create(platform=platform, server=server, remote_id=one.remote_id, defaults=values)[
        0
    ]


def _store_connection(opened: Opened, *, brand: Brand, platform: str) -> Connection:
    """Store the sign-in. A renewal that is under way for the old one writes nothing any more."""
    secrets, found = opened
    whose = {
        "agency": brand.agency,
        "platform": platform,
        "server": found.server,
        "remote_user_id": found.remote_user_id,
    }
    connection = Connection.objects.select_for_update().filter(**whose, state__in=LIVE).first() or Connection(**whose)
    for field, value in sealed(connection, secrets).items():
        setattr(connection, field, value)
    connection.scopes = found.scopes[:600]
    connection.expires_at = found.expires_at
    connection.renewed_at = datetime.now(UTC)
    connection.refresh_fence += 1
    connection.refresh_lease_until = None
    connection.state = ConnectionState.CONNECTED
    connection.last_problem = ""
    connection.save()
    return connection


def _mark_connected(connection: Connection) -> None:
    """Say that the sign-in opens the door again, for all channels that lean on it."""
    Connection.objects.filter(pk=connection.pk, state__in=LIVE).update(state=ConnectionState.CONNECTED, last_problem="")
    Channel.objects.filter(connection=connection, state=ChannelState.LOST).update(state=ChannelState.CONNECTED)


def read_stale_again(*, older_than: timedelta = LIMITS_LIVE) -> int:
    """Read the limits of channels anew that nobody has asked for a day; return how many answered. For the sweep."""
    stale = Q(profile__limits_at__isnull=True) | Q(profile__limits_at__lt=datetime.now(UTC) - older_than)
    rows = Channel.objects.filter(stale, archived_at__isnull=True, state=ChannelState.CONNECTED)
    answered = 0
    for channel in rows.select_related("profile", "connection", "brand").order_by("profile__limits_at")[:MOST_AT_ONCE]:
        Profile.objects.filter(pk=channel.profile_id).update(limits_at=datetime.now(UTC))
        try:
            read_again(channel)
        except AdapterError:
            continue
        answered += 1
    return answered
