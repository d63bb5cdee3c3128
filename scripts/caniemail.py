"""Make digest/inspection/caniemail.json.gz anew from caniemail's data: which mail program shows what.

    python scripts/caniemail.py DATA.JSON [--edition YYYY-MM-DD] [--commit HASH]

DATA.JSON is https://www.caniemail.com/api/data.json, or the list of features inside it. Only facts are carried over:
feature, program, version, answer, the numbers of notes, and the day of the last test. The notes' prose stays behind;
that of notes which `digest/inspection/features/costs.py` goes by is shown, to be read before the change is kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "digest" / "inspection" / "caniemail.json.gz"
SOURCE = (
    "Facts from caniemail.com (https://github.com/hteumeuleu/caniemail), "
    "copyright 2019 Rémi Parmentier and contributors, MIT License. Notes left out."
)


def compact(features: list[dict[str, Any]], *, edition: str, commit: str) -> dict[str, Any]:
    """The facts in the order of the file, versions too: as strings they sort wrongly."""
    clients: dict[str, None] = {}
    for feature in features:
        for family, platforms in feature["stats"].items():
            clients |= dict.fromkeys(f"{family}.{platform}" for platform in platforms)
    names = list(clients)
    return {
        "source": SOURCE,
        "edition": edition,
        "commit": commit,
        "clients": names,
        "features": {
            feature["slug"]: [
                _titled(feature["title"]),
                feature.get("last_test_date", "")[:7],
                [_cell(feature["stats"], name) for name in names],
            ]
            for feature in features
        },
    }


def _titled(title: str) -> str:
    return " ".join(title.split())


def _cell(stats: dict[str, Any], name: str) -> str:
    """ "2007n 2019a13" for a program that read it not at all, then partly, with notes 1 and 3."""
    family, _, platform = name.partition(".")
    answers = stats.get(family, {}).get(platform, {})
    return " ".join(f"{version}{_answer(answer)}" for version, answer in answers.items())


def _answer(answer: str) -> str:
    """ "a #1 #12" as "a1,12"."""
    word, *notes = answer.replace("#", " ").split()
    return word[0] + ",".join(notes)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("data", type=Path)
    words.add_argument("--edition", default=date.today().isoformat(), help="the day of the data")
    words.add_argument("--commit", default="", help="the commit of caniemail's repository, where it is known")
    given = words.parse_args()
    read = json.loads(given.data.read_text("utf-8"))
    features = read["data"] if isinstance(read, dict) else read
    facts = compact(features, edition=given.edition, commit=given.commit)
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(facts['features'])} features, {len(facts['clients'])} programs, {TARGET.stat().st_size} bytes")
    sys.path.insert(0, str(ROOT))
    from digest.inspection.features.costs import COSTS

    by_slug = {feature["slug"]: feature for feature in features}
    for slug, cost in COSTS.items():
        notes = by_slug.get(slug, {}).get("notes_by_num") or {}
        if slug not in by_slug:
            print(f"  {slug}: no longer there")
        for number in sorted(cost.partly):
            print(f"  {slug} #{number}: {notes.get(str(number), 'no such note')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
