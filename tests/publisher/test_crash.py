"""Clocks, queue and database connections are killed and frozen with calls under way: nothing is lost or doubled."""

from collections.abc import Mapping
from contextlib import ExitStack
from subprocess import Popen

import pytest

from benchmarks.crashing import QUICK, Trial, broken, crash
from benchmarks.sandbox_process import running_sandbox
from tests.installation import Installation

TRIAL = Trial(posts=51, kills=10, seed=11, every_s=1.6)


@pytest.mark.enable_socket
@pytest.mark.servers
@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_ten_kills_and_a_freeze_lose_and_double_nothing_on_any_class_of_server(installation: Installation) -> None:
    changed = {"PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8", "DJANGO_SETTINGS_MODULE": QUICK}

    def start(command: str, variables: Mapping[str, str]) -> "Popen[bytes]":
        return installation.start(command, **changed, **variables)

    with ExitStack() as ends:
        sandboxes = {name: ends.enter_context(running_sandbox(software=name)) for name in ("keyed", "readable", "opaque")}
        found = crash(sandboxes, start, TRIAL)
    assert broken(found, TRIAL) == [], (found, installation.log("clock")[-3000:])
    assert found["freezes"] == 1
    for name in ("keyed", "readable"):
        assert found["classes"][name]["states"] == {"published": 17}
    assert set(found["classes"]["opaque"]["states"]) <= {"published", "unknown"}
