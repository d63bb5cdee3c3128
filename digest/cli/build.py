"""`digest build`: an issue becomes a mail on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import output
from digest.clipping import GMAIL_CUTS_AT

if TYPE_CHECKING:
    from digest.models import Email, Receipt

IssueName = Annotated[str, typer.Argument(metavar="ISSUE", help="A name, a number or a file; the newest if left out.")]


def build(
    issue: IssueName = "latest",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder to write to, in place of build/ and the issue's name.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
    show: Annotated[bool, typer.Option("--open", help="Open the HTML in a browser.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Build every issue.")] = False,
) -> None:
    """Make the HTML, the text and a draft message."""
    from digest.errors import DigestError, Mistakes
    from digest.project import Project

    if every and issue != "latest":
        raise typer.BadParameter("--all builds every issue: leave out either it or the issue.")
    project = Project.of(issue)
    results: list[dict[str, Any]] = []
    mistakes: list[DigestError] = []
    for path in project.paths() if every else [project.find(issue)]:
        folder = out / path.stem if out and every else out
        try:
            email, receipt = project.build(str(path), out=folder, progress=output.progress("pictures"))
        except DigestError as error:
            mistakes.append(error)
            continue
        results.append(_facts(path, email, receipt))
        output.findings(email.findings)
        if not as_json:
            _tell(email, receipt)
    if as_json and (results or every):
        output.data(results if every else results[0])
    if show and results:
        _open(Path(results[-1]["html"]))
    if mistakes:
        raise Mistakes(mistakes)


def _tell(email: Email, receipt: Receipt) -> None:
    """What was written, what it weighs, and which stories weigh most."""
    for path in receipt.paths:
        output.say(str(path))
    size = _html(receipt).stat().st_size
    part = size / GMAIL_CUTS_AT
    output.talk(
        f"HTML {size / 1000:.1f} kB, {part:.0%} of the {GMAIL_CUTS_AT:,} bytes that Gmail shows",
        style="green" if part < 0.9 else "red",
    )
    if part > 1:
        output.talk("Gmail will cut the end off, with the unsubscribe link in it. Shorten or split the issue.")
    if count := len(email.assets):
        weight = sum(len(asset.content) for asset in email.assets)
        output.talk(f"{count} picture{'s' if count > 1 else ''}, {weight / 1000:.0f} kB")
    if len(email.weights) > 3:
        heaviest = sorted(email.weights, key=lambda weight: -weight.bytes)[:3]
        output.talk("Heaviest: " + "; ".join(f"{weight.bytes:,} bytes {weight.title}" for weight in heaviest))


def _facts(path: Path, email: Email, receipt: Receipt) -> dict[str, Any]:
    """The result as a script wants it."""
    from digest import merge_tags

    html = _html(receipt)
    return {
        "issue": path.stem,
        "subject": merge_tags.fill(email.subject, merge_tags.plain({})),
        "html": str(html),
        "paths": [str(path) for path in receipt.paths],
        "bytes": html.stat().st_size,
        "limit": GMAIL_CUTS_AT,
        "pictures": sum(len(asset.content) for asset in email.assets),
        "stories": [{"title": each.title, "line": each.line, "bytes": each.bytes} for each in email.weights],
        "findings": [
            {
                "level": each.level,
                "what": each.what,
                "path": each.path and str(each.path),
                "line": each.line,
                "hint": each.hint,
            }
            for each in email.findings
        ],
    }


def _html(receipt: Receipt) -> Path:
    return next(path for path in receipt.paths if path.suffix == ".html")


def _open(html: Path) -> None:
    import webbrowser

    if not webbrowser.open(html.resolve().as_uri()):
        output.talk(f"No browser was found; open {html} in yours.")
