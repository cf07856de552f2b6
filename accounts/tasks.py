"""What the queue does for this package. Each task takes ids, may run twice, and may be lost."""

from django_q.tasks import async_task

from accounts import letters


def send_letter(letter_id: int) -> None:
    """Send one letter; a failure is written on its row and the sweep tries again."""
    letters.send(letter_id)


def sweep_letters() -> int:
    """Hand every letter that should have left to the queue again."""
    due = letters.forgotten()
    for letter_id in due:
        async_task("accounts.tasks.send_letter", letter_id)
    return len(due)
