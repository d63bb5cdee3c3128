"""`digest build`: an issue becomes a mail on disk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import output

if TYPE_CHECKING:
    from digest.models import Email, Receipt

#: Bytes of the HTML part after which Gmail shows "View entire message" instead of the rest. Not published
#: by Google; measured by many: https://github.com/hteumeuleu/email-bugs/issues/41
GMAIL_CUTS_AT = 102_400

IssueName = Annotated[
    str, typer.Argument(metavar="[ISSUE]", help="A slug, a number or a file; the newest if left out.")
]


def build(
    issue: IssueName = "latest",
    out: Annotated[Path | None, typer.Option(help="A folder to write to, instead of build/<slug>.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
    show: Annotated[bool, typer.Option("--open", help="Open the HTML in a browser.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Build every issue.")] = False,
) -> None:
    """Render an issue to HTML, plain text and a draft message."""
    from digest.errors import DigestError, Mistakes
    from digest.project import Project

    project = Project.here()
    names = [str(entry.path) for entry in project.entries()] if every else [issue]
    results: list[dict[str, Any]] = []
    mistakes: list[DigestError] = []
    for name in names:
        folder = out / Path(name).stem if out and every else out
        try:
            email, receipt = project.build(name, out=folder, progress=output.progress("pictures"))
        except Mistakes as error:
            if not every:
                raise
            mistakes += error.mistakes
            continue
        results.append(_facts(project.find(name), email, receipt))
        output.findings(email.findings)
        if not as_json:
            _tell(email, receipt)
    if as_json:
        output.data(results if every else results[0])
    if show and results:
        import webbrowser

        webbrowser.open(Path(results[-1]["html"]).resolve().as_uri())
    if mistakes:
        raise Mistakes(mistakes)


def _tell(email: Email, receipt: Receipt) -> None:
    """What was written, what it weighs, and which stories weigh most."""
    for path in receipt.paths:
        output.say(str(path))
    bytes_ = receipt.paths[0].stat().st_size
    part = bytes_ / GMAIL_CUTS_AT
    line = f"HTML {bytes_ / 1000:.1f} kB, {part:.0%} of the {GMAIL_CUTS_AT:,} bytes that Gmail shows"
    output.talk(output.styled(line, "green" if part < 0.9 else "red", sys.stderr))
    if part > 1:
        output.talk("Gmail will cut the end off, with the unsubscribe link in it. Shorten or split the issue.")
    if email.assets:
        weight = sum(len(asset.content) for asset in email.assets)
        output.talk(f"{len(email.assets)} pictures, {weight / 1000:.0f} kB")
    heaviest = sorted(email.weights, key=lambda weight: -weight.bytes)[:3]
    if len(email.weights) > 3:
        output.talk("Heaviest: " + "; ".join(f"{weight.bytes:,} bytes {weight.title}" for weight in heaviest))


def _facts(path: Path, email: Email, receipt: Receipt) -> dict[str, Any]:
    """The result as a script wants it."""
    html = next(path for path in receipt.paths if path.suffix == ".html")
    return {
        "issue": path.stem,
        "subject": email.subject,
        "html": str(html),
        "paths": [str(path) for path in receipt.paths],
        "bytes": html.stat().st_size,
        "limit": GMAIL_CUTS_AT,
        "pictures": sum(len(asset.content) for asset in email.assets),
        "stories": [{"title": each.title, "line": each.line, "bytes": each.bytes} for each in email.weights],
        "findings": [
            {"level": each.level, "what": each.what, "path": each.path and str(each.path), "line": each.line}
            for each in email.findings
        ],
    }
