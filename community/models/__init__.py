"""Rows of what people say back: contacts, conversations, comments, answers and notes."""

from community.models.comment import Comment, CommentVersion, Direction, Visibility
from community.models.contact import Contact, Identity
from community.models.conversation import Conversation, ConversationKind, ConversationState, Note
from community.models.reply import Act, ActState, CannedReply, ModerationAct, ReplyDraft, ReplyState

__all__ = [
    "Act",
    "ActState",
    "CannedReply",
    "Comment",
    "CommentVersion",
    "Contact",
    "Conversation",
    "ConversationKind",
    "ConversationState",
    "Direction",
    "Identity",
    "ModerationAct",
    "Note",
    "ReplyDraft",
    "ReplyState",
    "Visibility",
]
