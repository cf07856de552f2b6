"""Starts everything on this machine and ends everything with Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Agency
from config import canary, ports, processes, welcome
from config.processes import Plan
from config.supervisor import Supervisor
from publisher.clock.leases import release_dead
from publisher.clock.pace import pace_of_settings

READY_S = 40.0


class Command(BaseCommand):
    """``manage.py run``: web, clock and queue under one small supervisor, with the sandbox while it is a demo."""

    help = "Start web, clock and queue (and, in the demo, the sandbox); Ctrl-C ends all of it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and what to start here."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--sandbox-port", type=int, default=8001)
        parser.add_argument("--lan", action="store_true", help="listen in the local network, for the phone beside you")
        parser.add_argument(
            "--only", nargs="+", choices=processes.NAMES, default=processes.usual(), help="start these alone"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  (Django's signature)
        """Prepare, start, watch, end."""
        with translation.override(welcome.language_of(os.environ)):
            plan = self._plan(options)
            self._check_ports(plan, options["only"])
            self._prepare()
            supervisor = Supervisor(
                children=[], on_exit=self._on_exit, watch=self._watch, watch_every_s=settings.CANARY_EVERY_S
            )
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # until the supervisor listens itself
            try:
                self._start(supervisor, plan, options["only"])
            except KeyboardInterrupt:
                self.stdout.write("")
            finally:
                supervisor.stop()
            self.stdout.write(_("Everything has ended."))

    def _plan(self, options: Mapping[str, Any]) -> Plan:
        lan = ports.local_address() if options["lan"] else ""
        if options["lan"] and not lan:
            raise CommandError(_("This machine has no address in a local network: connect it, or start without LAN=1."))
        if lan and not settings.DEBUG:
            raise CommandError(_("LAN=1 is for trying it out; in production set PALINSESTO_PUBLIC_URL and a proxy."))
        return Plan(port=options["port"], sandbox_port=options["sandbox_port"], lan=lan)

    def _check_ports(self, plan: Plan, only: Sequence[str]) -> None:
        wanted = {"PORT": plan.port} if "web" in only else {}
        if settings.DEMO:
            wanted["SANDBOX_PORT"] = plan.sandbox_port
        for name, port in wanted.items():
            if not ports.is_free(port, host=plan.host):
                raise CommandError(
                    _(
                        "Port %(port)s is in use, or may not be used. End the other program,"
                        " or choose another port: make run %(name)s=%(other)s"
                    )
                    % {"port": port, "name": name, "other": port + 10}
                )

    def _prepare(self) -> None:
        """Bring the database up to date while trying it out; in production that is a step of its own."""
        if settings.DEBUG:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            return
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is older than the program: run `manage.py migrate` first.")
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)

    def _start(self, supervisor: Supervisor, plan: Plan, only: Sequence[str]) -> None:
        if settings.DEMO:
            self._start_sandbox(supervisor, plan)
        supervisor.children = [*supervisor.children, *processes.children(plan, only=only)]
        supervisor.start()
        if "web" in only and not ports.wait_for(plan.port, seconds=READY_S):
            raise CommandError(_("The web server did not start; what it said is in %s.") % processes.log_of("web"))
        welcome.print_guide(self.stdout, plan)
        supervisor.run()

    def _start_sandbox(self, supervisor: Supervisor, plan: Plan) -> None:
        """Start the sandbox; on the first start its readers come in once the past month is told."""
        is_first = not Agency.objects.exists()
        for has_readers in (False, True) if is_first else (True,):
            supervisor.drop("sandbox")
            supervisor.children = [processes.sandbox(plan, has_readers=has_readers)]
            supervisor.start()
            if not ports.wait_for(plan.sandbox_port, seconds=READY_S):
                raise CommandError(_("The sandbox did not start; what it said is in %s.") % processes.log_of("sandbox"))
            if not has_readers:
                self._make_demo(plan)

    def _make_demo(self, plan: Plan) -> None:
        """Make the demo's data in a process of its own, which knows the addresses of this start."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", "--if-empty"]
        done = subprocess.run(command, env={**os.environ, **plan.variables()}, check=False)  # noqa: S603  (ourselves)
        if done.returncode:
            raise CommandError(_("The demo could not be made; the lines above say why."))

    def _on_exit(self, name: str, _pid: int, code: int) -> None:
        """A dead clock holds nothing: what it had claimed is free at once, not when its lease ends."""
        if code:
            self.stderr.write(f"{timezone.now():%H:%M:%S} {name} ended ({code}).")
        if name == "clock":
            close_old_connections()
            try:
                release_dead(now=timezone.now(), pace=pace_of_settings())
            except DatabaseError as error:
                self.stderr.write(f"{name}: {error}")

    def _watch(self, ages: Mapping[str, float]) -> Sequence[str]:
        """Name the clusters whose canary has been silent for too long. While the database is away nobody can sing."""
        if not ages.keys() & canary.CHILDREN.keys():
            return ()
        close_old_connections()
        try:
            found = canary.silent(ages)
        except DatabaseError as error:
            self.stderr.write(f"canary: {error}")
            return ()
        for name in found:
            self.stderr.write(f"{timezone.now():%H:%M:%S} {name} is silent: it is killed and started again.")
        return found
