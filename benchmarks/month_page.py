"""What does a month cost? python -m benchmarks.month_page --posts 10,1000,10000 --database sqlite --json FILE.

Each post has three variants, their publications and comment counts. Every sample starts with empty caches; the pages are
fetched through the whole stack of middleware, and every "+N more" is compared with what SQL counts.
"""

import argparse
import gc
import json
import re
import resource
import statistics
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.scratch import scratch

SAMPLES = 20
BRANDS, POSTS_OF_A_BRAND = 50, 400


def rss_mb() -> float:
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1_048_576


def sample(pages: Any, address: str) -> dict[str, Any]:
    """Fetch a page often, each time with empty caches. On a busy machine its own processor time says more than the clock."""
    took: list[float] = []
    spent: list[float] = []
    pages.fetch(address)
    gc.collect()
    before = rss_mb()
    for _ in range(SAMPLES):
        pages.forget()
        begun, processor = time.perf_counter(), time.process_time()
        body = pages.fetch(address)
        took.append((time.perf_counter() - begun) * 1000)
        spent.append((time.process_time() - processor) * 1000)
    grown = rss_mb() - before
    pages.forget()
    return {
        "queries": pages.queries(address),
        "median_ms": round(statistics.median(took), 1),
        "min_ms": round(min(took), 1),
        "max_ms": round(max(took), 1),
        "cpu_ms": round(statistics.median(spent), 1),
        "min_cpu_ms": round(min(spent), 1),
        "html_kb": round(len(body) / 1024, 1),
        "rss_growth_mb": round(grown, 1),
    }


def others_in(body: str) -> dict[str, int]:
    """Return, by day, how many posts a month shows and says it does not show."""
    found: dict[str, int] = {}
    for on, cell in re.findall(r'<td data-date="([\d-]+)"(.*?)</td>', body, flags=re.DOTALL):
        more = re.search(r'class="more"[^>]*>\s*\+(\d+)', cell)
        found[on] = len(re.findall(r'class="chip ', cell)) + (int(more[1]) if more else 0)
    return found


def measure(sizes: list[int], *, database: str) -> dict[str, Any]:
    """Measure a month of each size, and the month of all brands."""
    with scratch(database=database, sandbox_url=""):
        pages = import_module("benchmarks.month_rows")
        found: dict[str, Any] = {"database": database, "sizes": []}
        for size in sizes:
            brand = pages.make_brand(f"size{size}", posts=size)
            address = pages.month_of(brand)
            row = {"posts": size, **sample(pages, address)}
            row["counts_agree"] = others_in(pages.fetch(address).decode()) == pages.counted(brand)
            found["sizes"].append(row)
        for number in range(BRANDS):
            pages.make_brand(f"many{number}", posts=POSTS_OF_A_BRAND, agency="many")
        found["all_brands"] = {"posts": BRANDS * POSTS_OF_A_BRAND, **sample(pages, pages.month_of(None))}
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", default="10,1000,10000", help="sizes, with commas")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    found = measure([int(one) for one in options.posts.split(",")], database=options.database)
    text = json.dumps(found)
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()
