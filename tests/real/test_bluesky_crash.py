"""Clocks and Bluesky's own server are killed with calls under way, answers and calls are lost: every post is out once."""

from collections.abc import Mapping
from subprocess import Popen

import pytest

from benchmarks.bluesky_side import crash_bluesky
from benchmarks.crashing import QUICK, Trial, broken
from tests.installation import Installation
from tests.real.bluesky_network import Bluesky

TRIAL = Trial(posts=20, kills=2, seed=11, every_s=3.0, platform_kills=1)


@pytest.mark.enable_socket
@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_clocks_and_the_server_are_killed_and_nothing_is_lost_or_doubled(installation: Installation, bluesky: Bluesky) -> None:
    changed = {"PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8", "DJANGO_SETTINGS_MODULE": QUICK}

    def start(command: str, variables: Mapping[str, str]) -> "Popen[bytes]":
        return installation.start(command, **changed, **variables)

    found = crash_bluesky(bluesky, start, TRIAL, accounts=8)
    assert broken(found, TRIAL) == [], (found, installation.log("clock")[-3000:])
    assert found["classes"]["keyed"]["states"] == {"published": 20}
