"""The verbs of the audit as people read them. Every verb that the program writes has its words here."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERBS: dict[str, "str | Promise"] = {
    "agency.created": _("Agency created"),
    "answer.given_up": _("Answer given up"),
    "approval.approved": _("Approved"),
    "approval.changes_requested": _("Asked for changes"),
    "approval.expired": _("Approval expired"),
    "approval.not_objected": _("Not objected"),
    "approval.refused": _("Refused"),
    "approval.voided": _("Approval void, because the post changed"),
    "approval.withdrawn": _("Approval withdrawn"),
    "asset.added": _("Picture added"),
    "asset.described": _("Picture described"),
    "brand.created": _("Brand created"),
    "campaign.changed": _("Campaign changed"),
    "campaign.made": _("Campaign begun"),
    "channel.checked": _("Channel checked"),
    "channel.connected": _("Channel connected"),
    "channel.disconnected": _("Channel disconnected"),
    "channel.lost": _("Channel lost"),
    "channel.reconnected": _("Channel connected again"),
    "comment.answered": _("Comment answered"),
    "comment.handled": _("Comment marked as handled"),
    "comment.hidden": _("Comment hidden"),
    "comment.liked": _("Comment liked"),
    "comment.reported": _("Comment reported"),
    "comment.shown": _("Comment shown again"),
    "comment.unliked": _("Like taken back"),
    "conversation.assigned": _("Conversation given to somebody"),
    "conversation.closed": _("Conversation closed"),
    "conversation.muted": _("Conversation muted"),
    "conversation.noted": _("Note kept"),
    "conversation.reopened": _("Conversation opened again"),
    "conversation.unmuted": _("Conversation heard again"),
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
    "person.muted": _("Person muted"),
    "person.unmuted": _("Person heard again"),
    "plan.imported": _("Plan imported"),
    "post.archived": _("Post archived"),
    "post.created": _("Post written"),
    "post.duplicated": _("Post copied"),
    "post.imported": _("Post imported"),
    "post.moved": _("Post moved"),
    "post.resumed": _("Post let go again"),
    "post.saved": _("Post changed"),
    "post.scheduled": _("Post scheduled"),
    "post.sent_for_approval": _("Post sent for approval"),
    "post.stopped": _("Post stopped"),
    "post.unscheduled": _("Post taken off the schedule"),
    "profile.changed": _("Profile changed"),
    "publication.canceled": _("Publication canceled"),
    "publication.dropped": _("Publication given up"),
    "publication.postponed": _("Publication postponed"),
    "publication.retried": _("Publication tried again"),
    "publication.settled": _("Outcome written down by hand"),
    "rule.set": _("Approval rule set"),
    "session.began": _("Signed in"),
    "session.ended": _("Signed out"),
    "session.refused": _("Sign-in refused"),
    "stop.lifted": _("Stop lifted"),
    "stop.set": _("Outgoing posts stopped"),
}


SUBJECTS: dict[str, "str | Promise"] = {
    "agency": _("agency"),
    "answer": _("answer"),
    "approval": _("approval"),
    "approvalrule": _("rule"),
    "asset": _("picture"),
    "brand": _("brand"),
    "channel": _("channel"),
    "comment": _("comment"),
    "conversation": _("conversation"),
    "feed": _("calendar address"),
    "guestlink": _("link"),
    "invitation": _("invitation"),
    "pack": _("sending for approval"),
    "post": _("post"),
    "publication": _("publication"),
    "stop": _("stop"),
    "user": _("person"),
}


def subject_of(kind: str, number: int | None) -> str:
    """Return what an entry is about: its kind as people say it, with its number."""
    return f"{SUBJECTS.get(kind, kind)} {number}" if number else ""


def words_of(verb: str) -> str:
    """Return a verb as people read it."""
    return str(VERBS[verb]) if verb in VERBS else verb
