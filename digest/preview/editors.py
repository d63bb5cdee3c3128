"""The editor's text editor, opened at a line. Never through a shell: every argument is one argument."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from digest.errors import DigestError

#: What stands after the program's name, by the names it goes by. File names come as whole paths, so none
#: begins with a hyphen.
_AT_LINE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"), ("-g", "{file}:{line}")),
    (("subl", "sublime_text", "zed", "zeditor", "hx", "helix"), ("{file}:{line}",)),
    (("mate",), ("-l", "{line}", "{file}")),
    (("bbedit",), ("+{line}", "{file}")),
    (("gedit", "gnome-text-editor", "xed", "pluma", "mousepad"), ("+{line}", "{file}")),
    (("kate", "kwrite"), ("-l", "{line}", "{file}")),
    (("geany",), ("-l", "{line}", "{file}")),
    (("gvim", "mvim"), ("+{line}", "{file}")),
    (("notepad++",), ("-n{line}", "{file}")),
    (("idea", "pycharm", "webstorm"), ("--line", "{line}", "{file}")),
    (("vim", "nvim", "vi", "nano", "micro", "emacs", "joe", "ne", "kak", "jed", "mcedit"), ("+{line}", "{file}")),
    (("emacsclient",), ("-n", "+{line}", "{file}")),
    (("notepad", "wordpad", "open", "xdg-open", "textedit"), ("{file}",)),
)
#: They want a terminal, and a web server has none to give.
_IN_TERMINAL = frozenset(("vim", "nvim", "vi", "nano", "micro", "hx", "helix", "joe", "ne", "kak", "jed", "mcedit"))
#: Tried in this order where nothing else says.
_USUAL = ("code", "codium", "subl", "zed", "zeditor", "cursor", "kate", "gedit", "gnome-text-editor", "mousepad")
_TERMINAL_ONLY = ("nvim", "vim", "nano", "emacs")
#: A new window with a program in it.
_TERMINALS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("x-terminal-emulator", ("-e",)),
    ("gnome-terminal", ("--",)),
    ("konsole", ("-e",)),
    ("xfce4-terminal", ("-x",)),
    ("kitty", ()),
    ("alacritty", ("-e",)),
    ("wezterm", ("start", "--")),
    ("foot", ()),
    ("xterm", ("-e",)),
)


@dataclass(frozen=True, slots=True)
class Editor:
    """A program that opens a file at a line."""

    #: As the page's button calls it.
    name: str
    #: Program and arguments, "{file}" and "{line}" in them to be filled.
    command: tuple[str, ...]
    #: It runs in a terminal.
    in_terminal: bool = False


def find(setting: str = "", environ: Mapping[str, str] | None = None, *, platform: str = sys.platform) -> Editor | None:
    """The editor to use: `setting`, $VISUAL, $EDITOR, or the first that is installed. None when there is none."""
    environ = os.environ if environ is None else environ
    path = environ.get("PATH", os.defpath)
    if setting.strip():
        return _as_told(setting, platform)
    for variable in ("VISUAL", "EDITOR"):
        if environ.get(variable, "").strip():
            return _as_told(environ[variable], platform)
    for name in _USUAL:
        if (program := shutil.which(name, path=path)) is not None:
            return _known(program, ())
    if platform == "win32":
        return _known("notepad.exe", ())
    if platform == "darwin":
        return Editor("your text editor", ("open", "-t", "{file}"))
    for name in _TERMINAL_ONLY:
        if (program := shutil.which(name, path=path)) is not None:
            return _known(program, ())
    return None


def arguments(editor: Editor, file: Path, line: int) -> list[str]:
    """What is run to open `file` at `line`."""
    whole = os.path.abspath(file)
    filled = {"{file}": whole, "{line}": str(max(1, line))}
    return [re.sub(r"\{(?:file|line)\}", lambda found: filled[found[0]], part) for part in editor.command]


def open_at(editor: Editor | None, file: Path, line: int, environ: Mapping[str, str] | None = None) -> str:
    """Open the editor and give back its name. Raises DigestError with what to type when that cannot be done."""
    environ = os.environ if environ is None else environ
    if editor is None:
        raise DigestError(
            "No text editor was found.",
            hint='Name yours in digest.toml:  [preview]  editor = "code -g {file}:{line}"',
        )
    run = arguments(editor, file, line)
    if editor.in_terminal:
        window = _window(environ)
        if window is None:
            raise DigestError(
                f"{editor.name} needs a terminal, and none could be opened from here.",
                hint="Type in yours:  " + shlex.join(run),
            )
        run = [*window, *run]
    program = shutil.which(run[0], path=environ.get("PATH", os.defpath))
    if program is None:
        raise DigestError(
            f'The text editor "{PurePath(run[0]).name}" was not found.',
            hint="Mend [preview] editor in digest.toml, $VISUAL or $EDITOR.",
        )
    _start([program, *run[1:]])
    return editor.name


def _start(run: Sequence[str]) -> None:
    """Run it and forget it: it outlives us, hears no Ctrl-C of ours, and writes nothing on our terminal."""
    options: dict[str, object] = {"start_new_session": True}
    if os.name == "nt":
        options = {"creationflags": 0x00000200 | 0x00000008}  # CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS
        if run[0].lower().endswith((".cmd", ".bat")) and any(set(part) & set('"&|<>^%\r\n') for part in run[1:]):
            # cmd.exe reads a batch file's arguments once more (CVE-2024-24576).
            raise DigestError("This file's name cannot be given to the editor safely.", hint="Open it by hand.")
    try:
        child = subprocess.Popen(  # type: ignore[call-overload]
            list(run), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
        )
    except OSError as error:
        name = PurePath(run[0]).name
        raise DigestError(f"{name} could not be started: {str(error.strerror).lower()}.") from error
    _reap(child)


def _reap(child: subprocess.Popen[bytes]) -> None:
    """Let no ended editor linger as a zombie."""
    import threading

    threading.Thread(target=child.wait, name="preview's editor", daemon=True).start()


def _as_told(command: str, platform: str) -> Editor | None:
    """The editor of a command line; how a line is named is added where it does not say."""
    try:
        words = shlex.split(command, posix=platform != "win32")
    except ValueError as error:
        raise DigestError(f"The editor's command cannot be read: {command}", hint="A quote is open.") from error
    words = [word.strip('"') for word in words] if platform == "win32" else words
    if not words:
        return None
    if any("{file}" in word for word in words):
        name = _name(words[0])
        return Editor(name, tuple(words), in_terminal=_wants_terminal(name, words[1:]))
    return _known(words[0], [word for word in words[1:] if word not in {"-w", "--wait", "-g", "--goto"}])


def _known(program: str, options: Sequence[str]) -> Editor:
    name = _name(program)
    line = next((style for names, style in _AT_LINE if name in names), ("{file}",))
    return Editor(name, (program, *options, *line), in_terminal=_wants_terminal(name, options))


def _wants_terminal(name: str, options: Sequence[str]) -> bool:
    if name in {"emacs", "emacsclient"}:
        return any(option in {"-nw", "-t", "--no-window-system", "--tty"} for option in options)
    return name in _IN_TERMINAL


def _name(program: str) -> str:
    name = re.split(r"[\\/]", program)[-1].lower()
    return re.sub(r"\.(?:exe|cmd|bat|app)$", "", name)


def _window(environ: Mapping[str, str]) -> list[str] | None:
    """A new terminal window's command; None where no window can be opened."""
    if sys.platform.startswith("linux") and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return None
    for name, options in _TERMINALS:
        if (program := shutil.which(name, path=environ.get("PATH", os.defpath))) is not None:
            return [program, *options]
    return None
