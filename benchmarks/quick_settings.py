"""The product's settings with a clock that looks into doubts after seconds, so that crashes can be tried in a minute."""

from config.settings import *  # noqa: F403  (settings are a file of names)

CLOCK_PACE = {"looks_s": (1.0, 2.0, 4.0), "replays_s": (1.0, 2.0, 4.0), "lease_s": 5.0}
