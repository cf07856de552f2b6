"""Clocks are killed with calls under way, and nothing is lost, doubled, asked or missed."""

import pytest
from django.test import override_settings

from benchmarks.crashing import QUICK, crash
from benchmarks.sandbox_process import running_sandbox
from tests.installation import Installation

NOTHING = {"lost": 0, "doubled": 0, "asked": 0, "missed": 0, "early": 0, "kills": 10}


@pytest.mark.enable_socket
@pytest.mark.servers
@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("software", ["keyed", "readable"])
def test_ten_killed_clocks_lose_and_double_nothing(installation: Installation, software: str) -> None:
    with running_sandbox(software=software) as sandbox, override_settings(SANDBOX_URL=sandbox.url):
        changed = {
            "PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8",
            "PALINSESTO_SANDBOX_URL": sandbox.url,
            "DJANGO_SETTINGS_MODULE": QUICK,
        }
        found = crash(sandbox, lambda: installation.start("clock", **changed), posts=50, kills=10, software=software)
    assert {name: found[name] for name in NOTHING} == NOTHING, (found, installation.log("clock")[-3000:])
    assert found["kills_in_flight"] >= 5, found
    assert found["states"] == {"published": 50}
