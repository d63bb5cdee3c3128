"""`digest preview`: the mail as readers will see it, beside the text editor, at every save."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import output

if TYPE_CHECKING:
    from digest.models import Email, Finding
    from digest.preview.work import Listed, Work
    from digest.project import Project

IssueName = Annotated[str, typer.Argument(metavar="ISSUE", help="A name, a number or a file; the newest if left out.")]


def preview(
    issue: IssueName = "latest",
    named: Annotated[str, typer.Option("--issue", metavar="ISSUE", help="The same, said as an option.")] = "",
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65535, help="The port; the next free one if it is taken.")
    ] = 8025,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Let other machines in, at this address of yours.")] = "",
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in your browser.")] = True,
    once: Annotated[bool, typer.Option("--once", help="Make the mail, say how it looks, and leave.")] = False,
) -> None:
    """Show the mail in a browser, and follow every save."""
    from digest.project import Project

    if named and issue != "latest":
        raise typer.BadParameter("The issue is named twice: leave out either it or --issue.")
    issue = named or issue
    project = Project.of(issue)
    if once:
        _once(project, issue)
        return
    from digest.preview import serving

    path = project.find(issue)
    desk = _Desk(project, {path.stem: str(path)})
    where = serving.place(port, host)
    if where.host:
        output.talk(
            "Whoever can reach this address and has it whole can read this newsletter's drafts, send tests and open "
            "your text editor.",
            label="warning:",
            style="yellow",
        )

    def opened(address: str) -> None:
        output.say(address)
        output.talk("It follows every save. Ctrl-C ends it.")
        if show:
            threading.Thread(target=_open, args=(address,), daemon=True).start()

    with contextlib.suppress(KeyboardInterrupt):
        serving.serve(desk.work(), path.stem, where, opened=opened)
    output.talk("\nThe preview has ended.")


class _Desk:
    """The publication as the preview sees it: opened anew when digest.toml or a theme has changed."""

    def __init__(self, project: Project, asked: dict[str, str]) -> None:
        self.project = project
        #: Issues that lie elsewhere than in issues/, by slug.
        self.asked = asked

    def work(self) -> Work:
        from digest.filled import fill
        from digest.preview.work import Work
        from digest.render import theme

        return Work(
            root=self.project.root,
            issues=self.issues,
            build=lambda slug: self.project.render(self.name(slug)),
            fill=fill,
            afresh=self.afresh,
            findings=self.look,
            cannot_send=self.cannot_send,
            send=self.send,
            editor=lambda: self.project.publication.preview.editor,
            themes=(theme.own_folder(),),
        )

    def issues(self) -> Sequence[Listed]:
        from pathlib import Path

        from digest.preview.work import Listed

        entries = self.project.entries()
        found = [Listed(e.slug, e.path, e.number, e.title, e.date, e.status) for e in entries]
        known = {each.slug for each in found}
        beside = {slug: Path(name) for slug, name in self.asked.items() if slug not in known}
        return [*found, *(Listed(slug, path) for slug, path in beside.items() if path.is_file())]

    def name(self, slug: str) -> str:
        """What the publication knows an issue by: its file, so that no number is taken for a name."""
        return next((str(each.path) for each in self.issues() if each.slug == slug), slug)

    def afresh(self) -> None:
        from digest.project import Project

        self.project = Project(self.project.root)

    def look(self, slug: str, email: Email) -> Sequence[Finding]:
        """Everything the checks say that need no network."""
        from digest import proofreading

        return proofreading.findings(self.project, self.name(slug), email)

    def cannot_send(self) -> str:
        from digest import sending

        return sending.ready(self.project)

    def send(self, slug: str, addresses: Sequence[str], plain: bool) -> Sequence[tuple[str, str]]:
        from digest import sending

        sent = sending.send_test(self.project, self.name(slug), addresses, plain_subject=plain)
        return [(each.address, each.error) for each in sent]


def _once(project: Project, issue: str) -> None:
    """What the page would say, in words."""
    from digest.clipping import GMAIL_CUTS_AT
    from digest.filled import fill
    from digest.preview.finished import Finished

    path = project.find(issue)
    desk = _Desk(project, {path.stem: str(path)})
    email = project.render(str(path), progress=output.progress("pictures"))
    mail = Finished.of(email, fill)
    output.findings(desk.look(path.stem, email))
    output.say(f"{path}  {mail.email.subject}")
    size, weight = len(mail.html), sum(len(asset.content) for asset in email.assets)
    output.say(f"HTML {size / 1000:.1f} kB, {size / GMAIL_CUTS_AT:.0%} of what Gmail shows")
    output.say(f"text {len(mail.email.text.encode()) / 1000:.1f} kB")
    pictures, stories = len(email.assets), len(mail.places)
    output.say(f"{pictures} picture{'' if pictures == 1 else 's'}, {weight / 1000:.0f} kB")
    output.say(f"{stories} stor{'y' if stories == 1 else 'ies'}")
    if size > GMAIL_CUTS_AT:
        where = f'in "{mail.cut.title}"' if mail.cut else "after the last story"
        output.talk(f"Gmail cuts the mail {where}, and hides the rest with the unsubscribe link.", style="red")


def _open(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        output.talk("No browser was found; open the address above in yours.")
