"""The product's settings with a clock that holds few rows at once, so that several clocks share even a small crowd."""

import os

from config.settings import *  # noqa: F403  (settings are a file of names)

CLOCK_PACE = {"held": int(os.environ.get("BENCH_HELD", "1024"))}
