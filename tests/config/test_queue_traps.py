"""The library's queue can hang or leave orphans in ways that we have met: each is provoked here, under our supervisor.

One supervisor runs two clusters of one worker each, so that two traps are waited for at once.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.tasks import async_task

from config import canary
from config.clusters import LONG, NAME
from publisher.models import Heartbeat
from tests.config.watching import children, command_of, eventually, group, is_alive, variable_of, waits_at_a_pipe
from tests.installation import Installation, database_address

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers, pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(240)]

HURRIED = {
    "PALINSESTO_DEBUG": "1",
    "PALINSESTO_WORKERS": "1",
    "PALINSESTO_LONG_WORKERS": "1",
    "PALINSESTO_CANARY_EVERY": "1",
    "PALINSESTO_TASK_TIMEOUT": "3",
    "PALINSESTO_LONG_TIMEOUT": "3",
    "PALINSESTO_QUEUE_GRACE": "4",
    "PALINSESTO_STOP_GRACE": "2",
}
CLUSTERS = (NAME, LONG)
WORKER, MONITOR, PUSHER = 0, 1, 2  # as a sentinel gives birth to them
SETTLED_S = 60


class House:
    """A supervisor with two clusters on the tests' database."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.supervisor = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        return self.installation.start("run", "--only", "qcluster", "long")

    def mains(self) -> dict[str, int]:
        """The clusters' main processes by name."""
        found = {}
        for pid in children(self.supervisor.pid):
            if command_of(pid)[-1:] == ["qcluster"]:
                found[variable_of(pid, "Q_CLUSTER_NAME") or NAME] = pid
        return found

    def sentinel(self, cluster: str) -> int:
        return children(self.mains()[cluster])[0]

    def hand(self, cluster: str, which: int) -> int:
        return children(self.sentinel(cluster))[which]

    def everybody(self) -> list[int]:
        return [pid for main in self.mains().values() for pid in group(main)]

    def settle(self) -> None:
        """Wait until both clusters are whole and have sung just now."""
        began = timezone.now()
        eventually(lambda: all(heard_since(name, began) for name in CLUSTERS) and self.is_whole(), seconds=SETTLED_S, why=self.said)

    def is_whole(self) -> bool:
        """Each cluster has its main, its sentinel, and the three that do the work."""
        heads = [children(main) for main in self.mains().values()]
        return len(heads) == 2 and all(len(head) == 1 and len(children(head[0])) == 3 for head in heads)

    def said(self) -> str:
        return f"{self.mains()} {list(Heartbeat.objects.values_list('name', 'pid', 'at'))}\n{self.installation.log('run')[-3000:]}"


def heard_since(cluster: str, moment: object) -> bool:
    """Whether a task has come all the way through since then."""
    song = canary.last_song(cluster)
    return song is not None and song > moment  # type: ignore[operator]  # a moment


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("traps")
    variables = {
        **HURRIED,
        "PALINSESTO_DATA": str(folder / "data"),
        "PALINSESTO_DATABASE": database_address(connection.settings_dict),
        "PALINSESTO_REDIS": os.environ.get("PALINSESTO_REDIS", ""),
    }
    made = House(Installation(folder=folder, variables=variables))
    yield made
    made.installation.stop_all()


@pytest.fixture
def settled(transactional_db: None, house: House) -> House:
    house.settle()
    return house


def replaced_and_works(house: House, mains: dict[str, int], everybody: list[int]) -> None:
    """Both clusters are other ones than before, nobody of those lives, and what is asked comes through the shared queue."""
    eventually(
        lambda: len(house.mains()) == 2 and not set(mains.values()) & set(house.mains().values()),
        seconds=SETTLED_S,
        why=house.said,
    )
    eventually(lambda: not any(is_alive(pid) for pid in everybody), why=house.said)
    house.settle()
    Heartbeat.objects.all().delete()
    for name in CLUSTERS:
        async_task("publisher.tasks.canary", cluster=name)
    house.settle()


@pytest.mark.queue
def test_a_deadlocked_cluster_is_noticed_and_replaced(settled: House) -> None:
    """A worker that died while it held the queue's reader lock; a monitor that died: no receipt ever comes again."""
    before, all_before = settled.mains(), settled.everybody()
    for idle in (settled.hand(NAME, WORKER), settled.hand(LONG, MONITOR)):
        eventually(lambda pid=idle: waits_at_a_pipe(pid), why=settled.said)  # type: ignore[misc]  # bound now
        os.kill(idle, signal.SIGKILL)
    time.sleep(1.5)
    assert settled.mains() == before, "the mains live on: only their canaries can tell"
    replaced_and_works(settled, before, all_before)


def test_a_cluster_without_a_head_is_replaced_and_leaves_no_orphans(settled: House) -> None:
    """A sentinel that dies lets its main end with code 0; a main that dies leaves five behind that go on working."""
    before, all_before = settled.mains(), settled.everybody()
    os.kill(settled.sentinel(NAME), signal.SIGKILL)
    os.kill(before[LONG], signal.SIGKILL)
    replaced_and_works(settled, before, all_before)


def test_a_signal_to_the_whole_group_is_survived(settled: House) -> None:
    """As a service manager sends it that does not know better: the main hangs in its own handler, or ends."""
    before, all_before = settled.mains(), settled.everybody()
    for main in before.values():
        os.killpg(main, signal.SIGTERM)
    replaced_and_works(settled, before, all_before)


def test_a_killed_supervisor_leaves_nothing_even_where_a_queue_hangs(settled: House) -> None:
    """The living one goes home by itself; the frozen one hears nothing and is killed by the guardian."""
    everybody, frozen = settled.everybody(), settled.mains()[LONG]
    guardian = next(pid for pid in children(settled.supervisor.pid) if "guardian" in " ".join(command_of(pid)))
    os.kill(frozen, signal.SIGSTOP)
    settled.supervisor.send_signal(signal.SIGKILL)
    settled.supervisor.wait()
    eventually(lambda: not any(is_alive(pid) for pid in [*everybody, guardian]), seconds=20)
    began = timezone.now()
    settled.supervisor = settled.start()
    settled.settle()
    assert timezone.now() - began < timedelta(seconds=SETTLED_S)
