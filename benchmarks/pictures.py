"""How long new pictures take: a hundred of 12 megapixels, one after the other and on all cores.

python benchmarks/pictures.py [--count 100]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import stories


def main() -> None:
    """Draw the pictures, make each ready twice, and print what the second core was worth."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--count", type=int, default=100)
    count = options.parse_args().count
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from digest import Project
    from digest.render.images import Pictures, Request

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print(f"Drawing {count} pictures of 12 megapixels ...", file=sys.stderr)
        project = Project(stories.publication(folder / "news", count, pictures=True, size=(4000, 3000)))
        issue = project.issue()
        requests = [Request(story.picture, issue.path, 132, 99, 640) for story in issue.stories if story.picture]

        alone = Pictures([project.root], cache=folder / "alone")
        began = perf_counter()
        for request in requests:
            alone.prepare(request)
        one = perf_counter() - began

        heard: list[int] = []
        together = Pictures([project.root], cache=folder / "together")
        began = perf_counter()
        together.prepare_all(requests, lambda done, total: heard.append(done))
        many = perf_counter() - began

        began = perf_counter()
        together.prepare_all(requests)
        kept = perf_counter() - began

    cores = os.cpu_count() or 1
    print(f"one worker     {one:7.2f} s   {one / count * 1000:6.1f} ms a picture")
    print(f"{cores:>3} cores      {many:7.2f} s   {many / one:.2f} of that; progress told {len(heard)} times")
    print(f"kept already   {kept:7.2f} s   {kept / count * 1000:6.1f} ms a picture")


if __name__ == "__main__":
    main()
