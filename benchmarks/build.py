"""How long digest takes, beside what else makes a newsletter, on this machine and side by side.

    make bench            or: python benchmarks/build.py [--rounds 9]

Trust the ratios, not the milliseconds. The others run where Node is there and `sh benchmarks/peers/install.sh`
has put them into ~/.digest-peers, or into the node_modules folder that DIGEST_PEERS names.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import stories

HERE = Path(__file__).resolve().parent
PEERS = Path(os.environ.get("DIGEST_PEERS") or Path.home() / ".digest-peers" / "node_modules")
SIZES = (30, 100, 300, 1000, 5000)


def main() -> None:
    """Measure, and print a table as it comes."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=7, help="how often each cold start is timed")
    rounds = options.parse_args().rounds
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {_load()}; {rounds} rounds\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environment = _environment(folder)
        with_pictures = stories.publication(folder / "with", 30, pictures=True)
        without = {count: stories.publication(folder / str(count), count, pictures=False) for count in SIZES}
        _start(rounds, environment, folder)
        _cold(rounds, environment, with_pictures)
        _weight(environment, with_pictures, without[100])
        _warm(with_pictures, without)


def _environment(folder: Path) -> dict[str, str]:
    """What child processes get: digest from this checkout, and bytecode kept as an installed package has it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join(filter(None, [str(HERE.parent), kept.get("PYTHONPATH", "")]))
    own = {"PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "DIGEST_PEERS": str(PEERS)}
    return {**kept, **own, "NODE_NO_WARNINGS": "1"}


def _start(rounds: int, environment: dict[str, str], folder: Path) -> None:
    commands = {
        "digest --help": ([sys.executable, "-m", "digest", "--help"], folder),
        'python -c "import typer"': ([sys.executable, "-c", "import typer"], folder),
    }
    times = _in_turn(commands, rounds, environment)
    print("Start")
    _rows(times, "digest --help", {'python -c "import typer"': 2.0})


def _cold(rounds: int, environment: dict[str, str], publication: Path) -> None:
    """A new process each time, pictures cached; every program once a round, so that all see the same machine."""
    build = [sys.executable, "-m", "digest", "build"]
    commands: dict[str, tuple[Sequence[str], Path]] = {"digest build": (build, publication)}
    absent: list[str] = []
    node = shutil.which("node")
    issue = publication / "issue.json"
    issue.write_text(stories.as_json(30), "utf-8")
    if node and all((PEERS / name).is_dir() for name in ("mjml", "juice")):
        script = str(HERE / "peers" / "mjml_juice.mjs")
        commands["mjml + juice"] = ([node, script, str(issue), str(publication / "mjml.html")], publication)
    else:
        absent.append("mjml + juice")
    with tempfile.TemporaryDirectory(dir=PEERS.parent if PEERS.is_dir() else None) as beside_peers:
        export = PEERS / "react-email" / "dist" / "cli" / "index.mjs"
        if node and export.is_file():
            # A template finds its components by going up from where it lies.
            emails = Path(beside_peers) / "emails"
            emails.mkdir()
            shutil.copy(HERE / "peers" / "react_email" / "issue.jsx", emails)
            shutil.copy(issue, beside_peers)
            arguments = [node, str(export), "export", "--dir", "emails", "--outDir", "out", "--silent"]
            commands["react-email export"] = (arguments, Path(beside_peers))
        else:
            absent.append("react-email export")
        times = _in_turn(commands, rounds, environment)
        print("\n30 stories with pictures, cold")
        _rows(times, "digest build", {"mjml + juice": 0.7, "react-email export": 0.4})
        for name in absent:
            print(f"  {name:<28} is not here: sh benchmarks/peers/install.sh")
        made = {
            "mjml + juice": publication / "mjml.html",
            "react-email export": Path(beside_peers) / "out" / "issue.html",
        }
        for name, file in made.items():
            if name in times:
                print(f"  {name:<28} {file.stat().st_size:>8,} bytes of HTML")


def _weight(environment: dict[str, str], with_pictures: Path, without: Path) -> None:
    print("\nBytes of HTML")
    for what, publication, most in (
        ("30 stories with pictures", with_pictures, 45_000),
        ("100 stories without", without, 102_400),
    ):
        _run([sys.executable, "-m", "digest", "build"], publication, environment)
        size = (publication / "build" / "030" / "email.html").stat().st_size
        print(f"  {what:<28} {size:>8,} of {most:,}")


def _warm(with_pictures: Path, without: dict[int, Path]) -> None:
    """`render` in this process, after a first one: wall and processor time, the least of several."""
    sys.path.insert(0, str(HERE.parent))
    from digest import Project, render

    def renders(publication: Path) -> Callable[[], object]:
        project = Project(publication)
        issue, told = project.issue(), project.publication
        return lambda: render(issue, told)

    print("\nrender(), warm                      wall        cpu   a story")
    wall, cpu = _least(renders(with_pictures), 9)
    print(f"  {30:>5} stories with pictures {wall:8.1f} ms {cpu:7.1f} ms {wall / 30:7.2f} ms   (60 ms)")
    each: dict[int, float] = {}
    for count, publication in without.items():
        wall, cpu = _least(renders(publication), 9 if count <= 300 else 2)
        each[count] = cpu / count
        print(f"  {count:>5} stories               {wall:8.1f} ms {cpu:7.1f} ms {wall / count:7.2f} ms")
    thousand, most = each[1000] / each[100], each[5000] / each[100]
    print(f"  A story of 1,000 takes {thousand:.2f} times one of 100; of 5,000, {most:.2f}.")


def _least(call: Callable[[], object], times: int) -> tuple[float, float]:
    """Milliseconds on the wall and of the processor."""
    call()
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = perf_counter(), process_time()
        call()
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    return min(walls) * 1000, min(cpus) * 1000


def _in_turn(
    commands: dict[str, tuple[Sequence[str], Path]], rounds: int, environment: dict[str, str]
) -> dict[str, list[float]]:
    """Milliseconds of each run of each command; one run of each before that warms disk and bytecode."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, (arguments, folder) in commands.items():
            began = perf_counter()
            _run(arguments, folder, environment)
            if number:
                times[name].append((perf_counter() - began) * 1000)
    return times


def _run(arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    ran = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, errors="replace")
    if ran.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{ran.stderr or ran.stdout}")


def _rows(times: dict[str, list[float]], ours: str, bounds: dict[str, float]) -> None:
    """A line for each command; for the others also ours as a part of theirs, round by round."""
    for name, each in times.items():
        line = f"  {name:<28} {median(each):8.0f} ms, at best {min(each):.0f}"
        if name in bounds:
            ratio = median(mine / theirs for mine, theirs in zip(times[ours], each, strict=True))
            line += f"   {ours} takes {ratio:.2f} of it (at most {bounds[name]:g})"
        print(line)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    main()
