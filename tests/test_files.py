"""Nothing half-written: a file, a folder, a lock, and what stops a program in the middle."""

from __future__ import annotations

import errno
import multiprocessing
import os
import re
import stat
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import pytest

from digest import files
from digest.errors import (
    AlreadyThere,
    Busy,
    CannotRead,
    CannotWrite,
    ChangedMeanwhile,
    DigestError,
    NotOurs,
)

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has none of this")
unprivileged = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="the system refuses this user nothing"
)

FIRST = {"email.html": b"<p>one</p>", "email.txt": b"one", "images/a.png": b"\x89PNG 1"}
SECOND = {"email.html": b"<p>two</p>", "email.txt": b"two", "images/b.png": b"\x89PNG 2"}


def never(one: Path, other: Path) -> bool:
    """A system on which two folders cannot change places."""
    return False


def contents(folder: Path) -> dict[str, bytes]:
    """What a reader finds, without the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != files.MANIFEST
    }


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


# --- one file


def test_a_file_is_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "12.md"
    path.write_bytes(b"old")

    files.replace(path, b"new")

    assert path.read_bytes() == b"new"
    assert everything(tmp_path) == {"12.md"}


def test_a_new_file_is_written(tmp_path: Path) -> None:
    files.replace(tmp_path / "12.md", b"new")

    assert files.read(tmp_path / "12.md") == b"new"


def test_a_file_saved_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "12.md"
    path.write_bytes(b"saved in an editor")

    with pytest.raises(ChangedMeanwhile):
        files.replace(path, b"new", expected=b"as it was read")

    assert path.read_bytes() == b"saved in an editor"
    assert everything(tmp_path) == {"12.md"}


def test_a_file_removed_meanwhile_stays_removed(tmp_path: Path) -> None:
    with pytest.raises(ChangedMeanwhile):
        files.replace(tmp_path / "12.md", b"new", expected=b"as it was read")

    assert everything(tmp_path) == set()


def test_a_file_that_is_as_expected_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "12.md"
    path.write_bytes(b"old")

    files.replace(path, b"new", expected=b"old")

    assert path.read_bytes() == b"new"


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o755])
def test_a_file_keeps_who_may_read_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "12.md"
    path.write_bytes(b"old")
    path.chmod(mode)

    files.replace(path, b"new")

    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
@pytest.mark.parametrize("write", [files.replace, files.create])
def test_a_new_file_may_be_read_by_whom_the_umask_lets(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "12.md", b"new")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "12.md").stat().st_mode) == 0o640


@posix
def test_what_a_link_leads_to_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "drive" / "12.md").write_bytes(b"old")
    link = tmp_path / "12.md"
    link.symlink_to("drive/12.md")

    files.replace(link, b"new")

    assert link.is_symlink()
    assert (tmp_path / "drive" / "12.md").read_bytes() == b"new"
    assert everything(tmp_path) == {"12.md", "drive/12.md"}


@posix
def test_a_link_that_leads_in_a_circle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")

    with pytest.raises(CannotWrite, match="in a circle"):
        files.replace(tmp_path / "a", b"new")


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "12.md").mkdir()

    with pytest.raises(CannotWrite, match="a folder of that name is in the way"):
        files.replace(tmp_path / "12.md", b"new")


@posix
def test_a_pipe_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "12.md")

    with pytest.raises(CannotRead, match="not an ordinary file"):
        files.read(tmp_path / "12.md")
    with pytest.raises(CannotWrite, match="not an ordinary file"):
        files.replace(tmp_path / "12.md", b"new")


@unprivileged
def test_a_read_only_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "12.md"
    path.write_bytes(b"old")
    path.chmod(0o444)

    with pytest.raises(CannotWrite, match="the file is read-only"):
        files.replace(path, b"new")


@unprivileged
def test_a_read_only_folder_is_told_in_plain_words(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(CannotWrite, match="you may not write there"):
            files.create(tmp_path / "12.md", b"new")
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("write", [files.replace, files.create])
def test_a_folder_that_is_not_there_is_told(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    with pytest.raises(CannotWrite, match="its folder does not exist"):
        write(tmp_path / "issues" / "12.md", b"new")


@pytest.mark.parametrize("write", [files.replace, files.create])
@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_a_name_no_file_can_have_is_told(tmp_path: Path, name: str, write: Callable[[Path, bytes], None]) -> None:
    with pytest.raises(CannotWrite):
        write(tmp_path / name, b"new")


def test_creating_never_replaces(tmp_path: Path) -> None:
    path = tmp_path / "12.md"
    path.write_bytes(b"precious")

    with pytest.raises(AlreadyThere):
        files.create(path, b"new")

    assert path.read_bytes() == b"precious"
    assert everything(tmp_path) == {"12.md"}


def test_of_many_who_create_one_file_at_once_one_succeeds(tmp_path: Path) -> None:
    path = tmp_path / "12.md"
    start = threading.Barrier(8)
    made: list[bytes] = []

    def create(content: bytes) -> None:
        start.wait()
        try:
            files.create(path, content)
        except AlreadyThere:
            return
        made.append(content)

    threads = [threading.Thread(target=create, args=(b"%d" % number * 9999,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [path.read_bytes()] == made


@posix
def test_creating_does_not_follow_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "12.md").symlink_to("elsewhere.md")

    with pytest.raises(AlreadyThere):
        files.create(tmp_path / "12.md", b"new")

    assert everything(tmp_path) == {"12.md"}


def test_what_cannot_be_read_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="there is no such file"):
        files.read(tmp_path / "12.md")
    with pytest.raises(CannotRead, match="it is a folder"):
        files.read(tmp_path)
    with pytest.raises(CannotRead, match="no file can have that name"):
        files.read(tmp_path / "a\0b")


def test_the_temporary_file_of_a_run_killed_long_ago_is_removed(tmp_path: Path) -> None:
    stale, fresh = tmp_path / ".digest-0123abcd.tmp", tmp_path / ".digest-4567cdef.tmp"
    stale.write_bytes(b"half")
    fresh.write_bytes(b"being written")
    os.utime(stale, (1, 1))

    files.replace(tmp_path / "12.md", b"new")

    assert everything(tmp_path) == {"12.md", fresh.name}


# --- a folder


@pytest.mark.parametrize("exchange", [files.exchange, never])
def test_a_folder_is_made_then_switched_and_nothing_else_stays(
    tmp_path: Path, exchange: Callable[[Path, Path], bool]
) -> None:
    build = tmp_path / "build" / "12"

    files.switch(build, FIRST, exchange=exchange)
    assert contents(build) == FIRST

    files.switch(build, SECOND, exchange=exchange)
    assert contents(build) == SECOND
    assert os.listdir(tmp_path / "build") == ["12"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere it depends on the disk")
def test_on_linux_two_folders_change_places_in_one_step(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "was-a").touch()

    if not files.exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this disk cannot")

    assert everything(tmp_path) == {"b/was-a"}


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    files.switch(tmp_path / "12", FIRST)
    before = (tmp_path / "12").stat()

    files.switch(tmp_path / "12", dict(reversed(FIRST.items())))

    after = (tmp_path / "12").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_two_folders_with_the_same_content_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    files.switch(tmp_path / "a", FIRST)
    files.switch(tmp_path / "b", SECOND)
    files.switch(tmp_path / "b", dict(reversed(FIRST.items())))

    assert [(path, (tmp_path / "a" / path).read_bytes()) for path in sorted(everything(tmp_path / "a"))] == [
        (path, (tmp_path / "b" / path).read_bytes()) for path in sorted(everything(tmp_path / "b"))
    ]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    files.switch(tmp_path / "out", FIRST)

    assert contents(tmp_path / "out") == FIRST


def test_a_folder_with_somebodys_own_files_is_refused(tmp_path: Path) -> None:
    documents = tmp_path / "Documents"
    (documents / "taxes").mkdir(parents=True)
    (documents / "taxes" / "2023.pdf").write_bytes(b"precious")

    with pytest.raises(NotOurs, match=r"taxes/2023\.pdf") as told:
        files.switch(documents, FIRST)

    assert "--out" in str(told.value)
    assert everything(tmp_path) == {"Documents/taxes/2023.pdf"}


def test_a_file_put_by_hand_into_our_folder_is_not_thrown_away(tmp_path: Path) -> None:
    files.switch(tmp_path / "12", FIRST)
    (tmp_path / "12" / "notes.txt").write_bytes(b"precious")

    with pytest.raises(NotOurs, match=r"notes\.txt"):
        files.switch(tmp_path / "12", SECOND)

    assert contents(tmp_path / "12") == {**FIRST, "notes.txt": b"precious"}


def test_a_file_that_comes_in_the_last_moment_is_not_thrown_away(tmp_path: Path) -> None:
    files.switch(tmp_path / "12", FIRST)

    def saved_just_before(one: Path, other: Path) -> bool:
        (tmp_path / "12" / "notes.txt").write_bytes(b"precious")
        return never(one, other)

    with pytest.raises(NotOurs):
        files.switch(tmp_path / "12", SECOND, exchange=saved_just_before)

    assert contents(tmp_path / "12") == {**FIRST, "notes.txt": b"precious"}


def test_what_file_managers_leave_is_nobodys(tmp_path: Path) -> None:
    files.switch(tmp_path / "12", FIRST)
    (tmp_path / "12" / ".DS_Store").write_bytes(b"icons")
    (tmp_path / "12" / "images" / "Thumbs.db").write_bytes(b"icons")

    files.switch(tmp_path / "12", SECOND)

    assert contents(tmp_path / "12") == SECOND


@posix
def test_what_a_link_in_the_folder_leads_to_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(b"precious")
    files.switch(tmp_path / "12", {"images": b"a file, then a link in its place"})
    (tmp_path / "12" / "images").unlink()
    (tmp_path / "12" / "images").symlink_to(tmp_path / "photos")

    files.switch(tmp_path / "12", {"email.txt": b"one"})

    assert contents(tmp_path) == {"photos/a.png": b"precious", "12/email.txt": b"one"}


@posix
def test_a_folder_behind_a_link_is_switched_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "out").symlink_to("drive")

    files.switch(tmp_path / "out", FIRST)

    assert (tmp_path / "out").is_symlink()
    assert contents(tmp_path / "drive") == FIRST


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "12").write_bytes(b"precious")

    with pytest.raises(CannotWrite, match="a file of that name is in the way"):
        files.switch(tmp_path / "12", FIRST)

    assert (tmp_path / "12").read_bytes() == b"precious"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../evil",
        "images/../../evil",
        "/etc/passwd",
        "images//a.png",
        "images/",
        "C:\\evil",
        "C:evil",
        "..\\evil",
        "a\nb",
        "a\0b",
        "nul.txt",
        "aux",
        "dot.",
        "blank ",
        "what?",
        "\ud800",
        files.MANIFEST,
    ],
)
def test_a_name_that_leads_elsewhere_or_nowhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotWrite, match="cannot be the name"):
        files.switch(tmp_path / "12", {name: b"x"})

    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "names",
    [
        ("a.png", "A.PNG"),
        (unicodedata.normalize("NFC", "é.png"), unicodedata.normalize("NFD", "é.png")),
        ("images", "images/a.png"),
    ],
)
def test_names_that_some_system_takes_for_one_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    with pytest.raises(CannotWrite, match="one name"):
        files.switch(tmp_path / "12", dict.fromkeys(names, b"x"))


def test_a_decomposed_name_is_known_again(tmp_path: Path) -> None:
    """As a disk from an old Mac gives it back."""
    files.switch(tmp_path / "12", {unicodedata.normalize("NFC", "é.png"): b"1"})
    (tmp_path / "12" / unicodedata.normalize("NFC", "é.png")).rename(
        tmp_path / "12" / unicodedata.normalize("NFD", "é.png")
    )

    files.switch(tmp_path / "12", SECOND)

    assert contents(tmp_path / "12") == SECOND


@posix
def test_a_folder_keeps_who_may_read_it(tmp_path: Path) -> None:
    files.switch(tmp_path / "12", FIRST)
    (tmp_path / "12").chmod(0o750)

    files.switch(tmp_path / "12", SECOND)

    assert stat.S_IMODE((tmp_path / "12").stat().st_mode) == 0o750


def test_what_was_set_aside_comes_back(tmp_path: Path) -> None:
    files.switch(tmp_path / "12", FIRST)
    (tmp_path / "12").rename(tmp_path / ".12.old-0123abcd")

    files.recover(tmp_path / "12")

    assert contents(tmp_path / "12") == FIRST
    assert os.listdir(tmp_path) == ["12"]


def test_recovering_touches_nothing_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / ".12.newsletter").mkdir()
    (tmp_path / ".12.new-0123abcd").write_bytes(b"a file")

    files.recover(tmp_path / "12")

    assert sorted(os.listdir(tmp_path)) == [".12.new-0123abcd", ".12.newsletter"]


@posix
def test_what_a_live_run_is_writing_is_not_taken_for_left_over(tmp_path: Path) -> None:
    """One build begins while another is between writing and switching."""
    files.switch(tmp_path / "12", FIRST)

    def meanwhile(one: Path, other: Path) -> bool:
        files.switch(tmp_path / "12", {"email.txt": b"quicker"})
        return files.exchange(one, other)

    files.switch(tmp_path / "12", SECOND, exchange=meanwhile)

    assert contents(tmp_path / "12") == SECOND
    assert os.listdir(tmp_path) == ["12"]


# --- stopped in the middle


#: C functions through which a disk is changed, or fails. `sys.setprofile` tells of each before it runs.
STEPS = re.compile(
    "open|write|fsync|close|rename|replace|link|unlink|remove|rmdir|mkdir|chmod|fchmod|fchown|"
    "scandir|stat|lstat|readlink|flock|read"
)


def stopped(work: Callable[[], None], *, at: int, by: Callable[[], None]) -> int:
    """What a child of ours ended with, which ran `work` until its step number `at`, and there `by`.

    0: it ended before there was such a step. 1: it raised a DigestError, as it should. 9: it was killed.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        count = 0

        def watch(frame: object, event: str, called: object) -> None:
            nonlocal count
            if event == "c_call" and STEPS.fullmatch(getattr(called, "__name__", "")):
                count += 1
                if count == at:
                    sys.setprofile(None)
                    by()

        sys.setprofile(watch)
        try:
            work()
            code = 0 if count < at else 71
        except DigestError:
            code = 1
        finally:
            sys.setprofile(None)
        if code == 71:  # It bore the fault: what was to be done is done.
            code = 2
    finally:
        os._exit(code)


def kill() -> None:
    os._exit(9)


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def faulty() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def steps(work: Callable[[], None], before: Callable[[], None], by: Callable[[], None]) -> Iterator[int]:
    """Each way in which `work`, begun anew after `before`, ends when stopped at its 1st, 2nd, ... step."""
    for at in range(1, 500):
        before()
        ended = stopped(work, at=at, by=by)
        if ended == 0:
            assert at > 8
            return
        yield ended
    raise AssertionError("it never came to an end")


@pytest.fixture(scope="module")
def small() -> Iterator[Executor]:
    """A process with little in it: to fork takes the longer the more there is, and there are a thousand forks."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("forkserver")) as pool:
        yield pool


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a child that shares this program")
@pytest.mark.parametrize("exchange", [files.exchange, never])
@pytest.mark.parametrize("by", [kill, full, faulty])
def test_wherever_a_switch_is_stopped_the_folder_is_wholly_old_or_wholly_new(
    tmp_path: Path, by: Callable[[], None], exchange: Callable[[Path, Path], bool], small: Executor
) -> None:
    small.submit(stop_switches, tmp_path, by, exchange).result()


def stop_switches(tmp_path: Path, by: Callable[[], None], exchange: Callable[[Path, Path], bool]) -> None:
    build = tmp_path / "12"

    def work() -> None:
        files.switch(build, SECOND, exchange=exchange)

    def before() -> None:
        files.switch(build, FIRST)
        assert contents(build) == FIRST
        assert os.listdir(tmp_path) == ["12"]

    for ended in steps(work, before, by):
        assert ended in {1, 2, 9}
        if exchange is never:  # The one moment without a folder; told in `switch`.
            files.recover(build)
        found = contents(build)
        if ended == 1:
            assert found == FIRST
        elif ended == 2:
            assert found == SECOND
        else:
            assert found in (FIRST, SECOND)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a child that shares this program")
@pytest.mark.parametrize("by", [kill, full, faulty])
def test_wherever_a_first_switch_is_stopped_the_folder_is_missing_or_whole(
    tmp_path: Path, by: Callable[[], None], small: Executor
) -> None:
    small.submit(stop_first_switches, tmp_path, by).result()


def stop_first_switches(tmp_path: Path, by: Callable[[], None]) -> None:
    build = tmp_path / "build" / "12"

    def before() -> None:
        files.switch(build, FIRST)
        for path in sorted(build.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        build.rmdir()

    for _ in steps(lambda: files.switch(build, SECOND), before, by):
        assert not build.exists() or contents(build) == SECOND


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a child that shares this program")
@pytest.mark.parametrize("by", [kill, full, faulty])
def test_wherever_a_replacement_is_stopped_the_file_is_wholly_old_or_wholly_new(
    tmp_path: Path, by: Callable[[], None]
) -> None:
    path = tmp_path / "12.md"

    for ended in steps(lambda: files.replace(path, b"new" * 99), lambda: files.replace(path, b"old"), by):
        assert path.read_bytes() in (b"old", b"new" * 99)
        if ended == 1:
            assert len(everything(tmp_path)) <= 2
        remove_left_overs(tmp_path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a child that shares this program")
@pytest.mark.parametrize("by", [kill, full, faulty])
def test_wherever_a_creation_is_stopped_the_file_is_missing_or_whole(tmp_path: Path, by: Callable[[], None]) -> None:
    path = tmp_path / "12.md"

    for _ in steps(lambda: files.create(path, b"new"), lambda: path.unlink(missing_ok=True), by):
        assert not path.exists() or path.read_bytes() == b"new"
        remove_left_overs(tmp_path)


def remove_left_overs(folder: Path) -> None:
    """As the next run would an hour later."""
    for path in folder.glob(".digest-*.tmp"):
        path.unlink()


@posix
@pytest.mark.parametrize("work", ["files.replace(path, b'x' * 9999)", "files.switch(path.parent, {'a': b'x' * 9999})"])
def test_a_file_that_may_not_grow_is_told_and_what_was_there_stays(tmp_path: Path, work: str) -> None:
    files.switch(tmp_path / "12", {"a": b"old"})
    child = f"""
import resource, signal
from pathlib import Path
from digest import files
from digest.errors import CannotWrite
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
path = Path({str(tmp_path / "12" / "a")!r})
try:
    {work}
except CannotWrite as error:
    print(error.what)
"""
    ran = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)

    assert ran.stdout == "Cannot write: the file is larger than is allowed here.\n"
    assert contents(tmp_path) == {"12/a": b"old"}


# --- a lock


HOLD = """
import sys
from pathlib import Path
from digest import files
with files.lock(Path(sys.argv[1]), wait=10):
    print("held", flush=True)
    sys.stdin.read()
"""


def held_elsewhere(path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until its stdin ends or it is killed."""
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def test_a_lock_held_elsewhere_is_told_after_the_wait_and_free_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / ".digest" / "lock"
    with held_elsewhere(path) as other:
        with pytest.raises(Busy, match="Another digest command is at work"), files.lock(path, wait=0.05):
            pass
        other.kill()
        other.wait()

        with files.lock(path, wait=5):
            taken = True

    assert taken


def test_a_lock_taken_twice_in_one_thread_is_one_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    with files.lock(path, wait=0):
        with files.lock(path, wait=0):
            pass
        with pytest.raises(Busy):
            in_a_thread(lambda: files.lock(path, wait=0).__enter__())


def test_a_lock_is_free_after_an_error_inside_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), files.lock(path, wait=0):
        raise ZeroDivisionError

    in_a_thread(lambda: files.lock(path, wait=0).__enter__())


def in_a_thread(work: Callable[[], object]) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
