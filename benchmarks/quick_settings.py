"""The product's settings with a clock in a hurry, and the control that repeats blindly as a platform of its own."""

from benchmarks.hurry import PACE, shorten
from config.settings import *  # noqa: F403  (settings are a file of names)
from publisher.platforms import PLATFORMS

CLOCK_PACE = PACE
PLATFORMS["blind"] = "benchmarks.blind.BlindAdapter"
PLATFORMS["blind_bluesky"] = "benchmarks.blind.BlindBlueskyAdapter"
shorten()
