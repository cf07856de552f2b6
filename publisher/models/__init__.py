"""Rows of the publisher: where things go out, what goes out, and what happened."""

from publisher.models.channel import Channel, ChannelState, Connection, ConnectionState, Host, PlatformApp, Profile
from publisher.models.publication import (
    AHEAD,
    IN_HAND,
    TROUBLED,
    Act,
    Attachment,
    Attempt,
    Outcome,
    Publication,
    PublicationKind,
    PublicationState,
    among,
)
from publisher.models.stop import Stop, StopScope
from publisher.models.stored_file import StoredFile
from publisher.models.stream import Heartbeat, Stream
from publisher.models.tally import Tally

__all__ = [
    "AHEAD",
    "IN_HAND",
    "TROUBLED",
    "Act",
    "Attachment",
    "Attempt",
    "Channel",
    "ChannelState",
    "Connection",
    "ConnectionState",
    "Heartbeat",
    "Host",
    "Outcome",
    "PlatformApp",
    "Profile",
    "Publication",
    "PublicationKind",
    "PublicationState",
    "Stop",
    "StopScope",
    "StoredFile",
    "Stream",
    "Tally",
    "among",
]
