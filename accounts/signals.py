"""News of the ground floor for whoever lives upstairs."""

from django.dispatch import Signal

# A person got a fresh link in place of an old one: kwargs old_id, new_id. Sent inside the transaction, so that
# what hangs on the old link hangs on the new one before the letter leaves.
link_renewed = Signal()
