"""`digest check`: what would embarrass us, before it is sent."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import output
from digest.cli.build import IssueName

if TYPE_CHECKING:
    from digest.errors import DigestError
    from digest.models import Finding
    from digest.project import Project
    from digest.proofreading import Report
    from digest.web import Web


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed, but for which issues."""

    only: tuple[str, ...]
    skip: tuple[str, ...]
    links: bool
    service: str
    since: str
    baseline: Path | None
    fix: bool


def check(
    issue: IssueName = "latest",
    show: Annotated[bool, typer.Option("--list", help="Show the checks and what they look for.")] = False,
    only: Annotated[str, typer.Option(metavar="CHECKS", help="Only these checks, with commas between.")] = "",
    skip: Annotated[str, typer.Option(metavar="CHECKS", help="All but these checks.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors do.")] = False,
    links: Annotated[bool, typer.Option("--links", help="Ask every link whether it is alive; take time.")] = False,
    service: Annotated[str, typer.Option("--for", metavar="SERVICE", help="The mailing service it will go to.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Say the result as SARIF, for code hosts.")] = False,
    since: Annotated[str, typer.Option(metavar="REF", help="Only what changed since a point in git.")] = "",
    baseline: Annotated[Path | None, typer.Option(metavar="FILE", help="Leave out what this file knows.")] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write down what is known and left for now.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what a machine can mend.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Check every issue.")] = False,
) -> None:
    """Find what would embarrass us before it is sent."""
    if show:
        _list(as_json)
        return
    if every and issue != "latest":
        raise typer.BadParameter("--all checks every issue: leave out either it or the issue.")
    if as_json and as_sarif:
        raise typer.BadParameter("--json and --sarif are two forms of one result: leave out either.")
    from digest.errors import Mistakes
    from digest.project import Project

    project = Project.of(issue)
    asked = _Asked(_names(only), _names(skip), links, service, since, baseline, fix)
    _check_names(asked)
    paths = project.paths() if every else (project.find(issue),)
    reports, failed = _reports(project, paths, asked)
    found = [each for _, report in reports for each in report.findings]
    not_built = [(path, _not_built(error)) for path, error in failed]
    if write_baseline is not None:
        from digest.findings import baseline as known

        count = known.write(write_baseline, found, known.line_reader())
        output.say(f"{write_baseline}: {count} known")
    elif as_json:
        facts = [_facts(path, report) for path, report in (*reports, *not_built)]
        output.data(facts if every else facts[0])
    elif as_sarif:
        _sarif([*found, *(each for _, report in not_built for each in report.findings)])
    else:
        _tell(found, reports, links)
        _annotate([each for _, report in not_built for each in report.findings])
    if failed:
        mistakes = [error for _, error in failed]
        raise mistakes[0] if len(mistakes) == 1 else Mistakes(mistakes)
    if write_baseline is None and any(each.level == "error" or (strict and each.level == "warning") for each in found):
        raise typer.Exit(3)


def _reports(
    project: Project, paths: tuple[Path, ...], asked: _Asked
) -> tuple[list[tuple[Path, Report]], list[tuple[Path, DigestError]]]:
    """What each issue came to, and what kept some from being made at all."""
    from digest.errors import DigestError

    reports: list[tuple[Path, Report]] = []
    failed: list[tuple[Path, DigestError]] = []
    with _network(project) if asked.links else nullcontext() as web:
        for path in paths:
            try:
                reports.append((path, _report(project, path, asked, web)))
            except DigestError as error:
                if error.exit_code == 2:
                    raise
                failed.append((path, error))
    return reports, failed


def _not_built(error: DigestError) -> Report:
    """What kept an issue from being made, for those who read the result by program: it is no less news to them."""
    from digest import proofreading
    from digest.errors import Mistakes
    from digest.models import Finding

    each_one = error.mistakes if isinstance(error, Mistakes) else (error,)
    found = [
        Finding("error", each.what, each.path, each.line, each.hint, check=proofreading.ISSUE, rule="not-built")
        for each in each_one
    ]
    return proofreading.Report(tuple(found), (), ())


def _report(project: Project, path: Path, asked: _Asked, web: Web | None) -> Report:
    from dataclasses import replace

    from digest import issue_file, proofreading
    from digest.findings import baseline, mend, since

    def read() -> Report:
        email = project.render(str(path), progress=output.progress("pictures"))
        return proofreading.report(
            project,
            str(path),
            email,
            only=asked.only,
            skip=asked.skip,
            service=asked.service,
            web=web,
            progress=output.progress("links"),
        )

    report = read()
    if asked.fix:
        file = project.file(str(path))
        fixed, mends = mend.mended(file, report.findings)
        if mends:
            issue_file.write(fixed)
            for each in mends:
                output.talk(f"{path}:{each.line}  {each.old} is now {each.new}", label="mended:", style="green")
            report = read()
    found = report.findings
    if asked.since:
        found = since.changed(found, asked.since, project.issue(str(path)))
    if asked.baseline is not None:
        found = baseline.fresh(asked.baseline, found, baseline.line_reader())
    return replace(report, findings=found)


def _network(project: Project) -> Web:
    from digest import __version__
    from digest.web import Web

    plan, site = project.publication.web, project.publication.url
    agent = f"digest/{__version__}" + (f" (+{site})" if site else "")
    private = plan.allow_private if isinstance(plan.allow_private, bool) else list(plan.allow_private)
    return Web(allow_private=private, use_proxy=plan.use_proxy, user_agent=agent)


def _names(typed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in typed.split(",") if name.strip())


def _check_names(asked: _Asked) -> None:
    """Raise for a check or a service that nobody knows, before any work is done."""
    from digest import plugins, proofreading

    for name in (*asked.only, *asked.skip):
        if name != proofreading.ISSUE:
            plugins.load("checks", name)
    if asked.service and asked.service not in plugins.names("exporters"):
        plugins.load("exporters", asked.service)


def _list(as_json: bool) -> None:
    from digest import plugins, proofreading

    names = plugins.names("checks")
    if as_json:
        output.data({name: {"about": proofreading.about(name), "rules": proofreading.rules_of(name)} for name in names})
        return
    for name in names:
        output.say(f"{name}: {proofreading.about(name)}")
        for rule, about in proofreading.rules_of(name).items():
            output.say(f"    {rule}  {about}")


def _tell(found: list[Finding], reports: list[tuple[Path, Report]], links: bool) -> None:
    from digest.findings import findings_as

    for each in found:
        output.finding(each)
        _annotate([each])
    if not reports:
        return
    more = _not_asked(reports, links)
    if found:
        output.talk(f"{findings_as.counted(found)}.{more}")
        return
    ran = {name for _, report in reports for name in report.ran}
    what = f"{len(reports)} issues" if len(reports) > 1 else str(reports[0][0])
    checks = f"{len(ran)} checks" if len(ran) != 1 else "1 check"
    output.talk(f"{what}: all is well ({checks}).{more}", style="green")


def _annotate(found: list[Finding]) -> None:
    """For GitHub's runner, which writes them beside the lines; elsewhere nothing."""
    from digest.findings import findings_as

    root = Path(os.environ.get("GITHUB_WORKSPACE") or ".")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for each in found:
            output.say(findings_as.github(each, root=root))


def _not_asked(reports: list[tuple[Path, Report]], links: bool) -> str:
    """What was left alone, for the last line: it did not pass, nobody looked."""
    from digest import proofreading

    left = {name for _, report in reports for name in report.not_run}
    told = {each.check for _, report in reports for each in report.findings if each.rule in ("not-run", "broken")}
    asked = {name for _, report in reports for name in (*report.ran, *report.not_run)}
    names = sorted(left - told - {proofreading.LINKS})
    alive = " Whether links are alive was not asked" if proofreading.LINKS in asked and not links else ""
    others = f"{' and ' if alive else ' '}{', '.join(names)} {'was' if len(names) == 1 else 'were'} not run"
    if not alive and not names:
        return ""
    way = '; "--links" does both.' if alive and names else '; "--links" does.' if alive else "."
    return alive + (others if names else "") + way


def _facts(path: Path, report: Report) -> dict[str, Any]:
    """One issue's result as a script wants it."""
    from digest.findings import findings_as

    levels = [each.level for each in report.findings]
    return {
        "issue": path.stem,
        "path": path.as_posix(),
        "errors": levels.count("error"),
        "warnings": levels.count("warning"),
        "notes": levels.count("note"),
        "ran": list(report.ran),
        "not_run": list(report.not_run),
        "findings": [findings_as.plain(each) for each in report.findings],
    }


def _sarif(found: list[Finding]) -> None:
    from digest import __version__, plugins, proofreading
    from digest.findings import findings_as

    rules = {name: proofreading.rules_of(name) for name in plugins.names("checks")}
    root = Path(os.environ.get("GITHUB_WORKSPACE") or ".")
    output.data(findings_as.sarif(found, rules, version=__version__, root=root))
