"""`digest send-test`: the mail in your own inbox, and in nobody's whom you did not name."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli import output

#: As in `digest.errors.DigestError.exit_code`.
_SERVICE_SAID_NO, _UNKNOWN = 5, 6


def send_test(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Who gets it: each a mail of its own.")],
    issue: Annotated[
        str, typer.Option(metavar="ISSUE", help="A number, a name or a file; the newest if left out.")
    ] = "latest",
    plain_subject: Annotated[
        bool, typer.Option("--plain-subject", help='Leave the subject as it is, without "[test]".')
    ] = False,
) -> None:
    """Send the issue as a test to a few addresses."""
    from digest import sending
    from digest.project import Project

    project = Project.of(issue)
    for caution in sending.cautions(project):
        output.talk(caution, label="warning:", style="yellow")
    results = sending.send_test(project, issue, addresses, plain_subject=plain_subject)
    for each in results:
        output.say(f"{each.address}  {each.error or 'sent'}")
    if any(each.unsure for each in results):
        output.talk("Look into that inbox before you send it again.")
        raise typer.Exit(_UNKNOWN)
    if any(each.error for each in results):
        raise typer.Exit(_SERVICE_SAID_NO)
