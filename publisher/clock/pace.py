"""Every delay and size of the clock in one place; tests and trials give their own through the setting CLOCK_PACE."""

from dataclasses import dataclass, replace

from django.conf import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds, unless a name says otherwise."""

    claim_ahead_s: float = 5.0
    warm_ahead_s: float = 2.0
    arm_ahead_s: float = 0.4
    prepare_ahead_s: float = 60.0
    late_by_s: float = 1.0
    call_s: float = 60.0
    lease_s: float = 30.0
    poll_s: float = 0.5
    batch_s: float = 0.03
    stops_s: float = 0.08
    stops_stale_s: float = 1.0
    keep_s: float = 1.0
    leases_s: float = 2.0
    beat_s: float = 5.0
    sweep_s: float = 60.0
    skew_s: float = 0.5
    looks_s: tuple[float, ...] = (10.0, 30.0, 90.0)
    replays_s: tuple[float, ...] = (10.0, 30.0, 90.0)
    most_looks: int = 12
    threads: int = 1152
    side_threads: int = 8
    held: int = 1536
    held_per_profile: int = 6
    batch: int = 128


def pace_of_settings() -> Pace:
    """Return the usual pace with what the settings change in it."""
    return replace(Pace(), **getattr(settings, "CLOCK_PACE", {}))
