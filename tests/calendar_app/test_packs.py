"""What waits for an answer: of whom, and whether it is late; nothing of another brand."""

import pytest

from accounts.models import Role
from calendar_app.packs import waiting_in
from tests.calendar_app.make_plan import make_channel, make_client, make_pack, make_post, make_rule
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def test_what_waits_says_for_whom_and_whether_it_is_late() -> None:
    brand, other = make_brand(), make_brand()
    for one in (brand, other):
        make_rule(one, "client")
        make_client(one)
    ed = make_member("Ed", brand, Role.EDITOR)
    pack = make_pack([make_post(brand, [make_channel(brand)])], by=ed)
    make_pack([make_post(other, [make_channel(other)])])

    (waiting,) = waiting_in(brand)

    assert (waiting.pack, waiting.asked, waiting.decided, waiting.people, waiting.is_late) == (
        pack,
        1,
        0,
        ("Cleo",),
        False,
    )
