"""The verbs of the audit as people read them. Every verb that the program writes has its words here."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERBS: dict[str, "str | Promise"] = {
    "agency.created": _("Agency created"),
    "approval.approved": _("Approved"),
    "approval.changes_requested": _("Asked for changes"),
    "approval.expired": _("Approval expired"),
    "approval.refused": _("Refused"),
    "approval.void": _("Approval void after an edit"),
    "approval.withdrawn": _("Approval withdrawn"),
    "asset.added": _("Picture added"),
    "asset.described": _("Picture described"),
    "brand.created": _("Brand created"),
    "channel.checked": _("Channel checked"),
    "channel.connected": _("Channel connected"),
    "channel.disconnected": _("Channel disconnected"),
    "channel.lost": _("Channel lost"),
    "channel.reconnected": _("Channel connected again"),
    "comment.answered": _("Comment answered"),
    "comment.handled": _("Comment marked as handled"),
    "conversation.assigned": _("Conversation given to somebody"),
    "conversation.closed": _("Conversation closed"),
    "conversation.noted": _("Note kept"),
    "conversation.reopened": _("Conversation opened again"),
    "feed.made": _("Calendar address made"),
    "feed.revoked": _("Calendar address withdrawn"),
    "link.revoked": _("Link closed"),
    "link.sent_again": _("Link sent again"),
    "pack.sent": _("Sent for approval"),
    "password.changed": _("Password changed"),
    "password.reset": _("Password chosen anew by letter"),
    "people.added": _("Person added"),
    "people.invitation_revoked": _("Invitation withdrawn"),
    "people.invited": _("Person invited"),
    "people.joined": _("Invitation accepted"),
    "people.removed": _("Person removed"),
    "people.role_changed": _("Role changed"),
    "profile.changed": _("Profile changed"),
    "session.began": _("Signed in"),
    "session.ended": _("Signed out"),
    "session.refused": _("Sign-in refused"),
}


def words_of(verb: str) -> str:
    """Return a verb as people read it."""
    return str(VERBS[verb]) if verb in VERBS else verb
