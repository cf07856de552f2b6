"""Rows of the ground floor: people, agencies, brands, roles, links, the audit and the mail."""

from accounts.models.audit import AuditEntry
from accounts.models.brand import Agency, Brand, FormOfAddress, Invitation, Membership, Role
from accounts.models.link import GuestLink, Purpose
from accounts.models.mail import MailState, OutgoingMail
from accounts.models.user import User

__all__ = [
    "Agency",
    "AuditEntry",
    "Brand",
    "FormOfAddress",
    "GuestLink",
    "Invitation",
    "MailState",
    "Membership",
    "OutgoingMail",
    "Purpose",
    "Role",
    "User",
]
