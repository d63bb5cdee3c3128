"""Proofreading: a finished issue is put before every check, and what they find is told by its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from digest import archive, config, issue_file, likeness, plugins, story_text, urls
from digest.checks.base import Copy, Ran
from digest.errors import CannotCheck, DigestError, NoSuchCandidate, did_you_mean
from digest.findings import permissions
from digest.inspection import tellings
from digest.models import Day, Email, Finding, Issue
from digest.project import Entry, Project

if TYPE_CHECKING:
    from digest.issue_file import IssueFile
    from digest.store import Sent, Store
    from digest.web import Web

Progress = Callable[[int, int], None]
#: What ran, by page and by title, oldest first.
Index = tuple[dict[str, list["Sent"]], dict[str, list["Sent"]]]

#: What reading and rendering told is said under this name.
ISSUE = tellings.ISSUE
#: The one check that asks the network; without leave it looks at what can be seen without.
LINKS = "links"
#: So many earlier issues' heads are compared with.
_BEFORE = 60
#: Seconds to wait for another program that writes into the inbox; then we do without it.
_PATIENCE = 0.3


@dataclass(frozen=True, slots=True)
class Report:
    """What proofreading one issue came to."""

    #: By place: the issue's own file first, what has no line before what has one.
    findings: tuple[Finding, ...]
    #: Checks that ran to their end, and those that could not.
    ran: tuple[str, ...]
    not_run: tuple[str, ...]


def findings(
    project: Project,
    name: str,
    email: Email,
    *,
    file: IssueFile | None = None,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    service: str = "",
    web: Web | None = None,
    progress: Progress | None = None,
) -> tuple[Finding, ...]:
    """All that is wrong with an issue and its mail, sorted by place; see `report`. Quick: it takes no slow check."""
    return report(
        project, name, email, file=file, only=only, skip=skip, service=service, web=web, progress=progress
    ).findings


def report(
    project: Project,
    name: str,
    email: Email,
    *,
    file: IssueFile | None = None,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    service: str = "",
    web: Web | None = None,
    progress: Progress | None = None,
    today: Day | None = None,
) -> Report:
    """What every check says of `email`, the mail of the issue called `name`, and which checks ran.

    `only` is stronger than `skip` and `[check] skip`; "issue" in them stands for what reading and rendering
    told. Raises NoSuchPlugin for a name in `only` or `skip` that no check has. What cannot run is a finding
    of its own, with the rule "not-run" or "broken". Checks that are SLOW run with `web`, when somebody has time,
    or named in `only`; one that is OPTIONAL is told as not run only when named there. `today` is the day where the
    newsletter is made; left out, the clock is asked.
    """
    for each in (*only, *skip):
        if each != ISSUE:
            plugins.load("checks", each)
    file = file or project.file(name)
    publication = project.publication
    told: list[Finding] = [*_misnamed(project)]
    wanted = [each for each in only if each != ISSUE] if only else _usual(skip, publication.check.skip)
    if ISSUE in only or (not only and ISSUE not in (*skip, *publication.check.skip)):
        told += [replace(each, check=each.check or ISSUE) for each in email.findings]
    with ExitStack() as stack:
        inbox = _Inbox(project, stack, file.issue)
        copy = Copy(
            issue=file.issue,
            email=email,
            publication=publication,
            text=file.source,
            ran=_memory(project).ran(project, file.issue, inbox),
            machine_blurb=inbox.machine_blurb,
            before=_memory(project).before(project, file.issue),
            service=service,
            today=_today(project, file.issue, today or datetime.now(config.time_zone(publication.timezone)).date()),
            web=web,
            progress=progress or (lambda done, total: None),
        )
        whole: list[str] = []
        for each in wanted:
            if each not in only and web is None and _says(each, "SLOW"):
                continue
            found, ended = _found(each, copy, asked=each in only)
            told += found
            whole += [each] if ended else []
    told = tellings.told_best(told)
    if permissions.mentioned(file.source):
        told = _allowed(file, told, whole, web)
    not_run = tuple(each for each in wanted if each not in whole)
    return Report(tuple(sorted(told, key=lambda each: _order(each, file.issue.path))), tuple(whole), not_run)


def known(*, rules: bool = True) -> tuple[str, ...]:
    """The names of checks, and with `rules` those of their rules, and "check/rule"."""
    found = [ISSUE]
    for name in plugins.names("checks"):
        found.append(name)
        if rules:
            found += [spelling for rule in rules_of(name) for spelling in (rule, f"{name}/{rule}")]
    return tuple(dict.fromkeys(found))


def rules_of(name: str) -> dict[str, str]:
    """The rules of a check, each with what it means; {} for one that cannot be loaded or has none."""
    try:
        rules = getattr(plugins.load("checks", name), "RULES", {})
    except DigestError:
        return {}
    return dict(rules) if isinstance(rules, dict) else {}


def about(name: str) -> str:
    """What a check looks for, in one line."""
    try:
        said = plugins.load("checks", name).__doc__ or ""
    except DigestError as error:
        return error.what
    return said.strip().partition("\n")[0]


def _usual(*skipped: Sequence[str]) -> list[str]:
    out = {name for names in skipped for name in names}
    return [name for name in plugins.names("checks") if name not in out]


def _says(check: str, name: str) -> bool:
    """Whether a check's module has this set; one that cannot be loaded is told when it is to run."""
    try:
        return bool(getattr(plugins.load("checks", check), name, False))
    except DigestError:
        return False


def _misnamed(project: Project) -> Iterator[Finding]:
    """What `[check] skip` names and nobody knows; a check that was meant to be left out runs after all."""
    publication = project.publication
    names = (ISSUE, *plugins.names("checks"))
    for each in publication.check.skip:
        if each not in names:
            what = f'[check] skip names "{each}", and there is no such check.{did_you_mean(each, names)}'
            line = publication.lines.get("check.skip", publication.lines.get("check"))
            yield Finding("warning", what, publication.path, line, check=ISSUE, rule="unknown-check")


def _found(name: str, copy: Copy, *, asked: bool) -> tuple[list[Finding], bool]:
    """What a check found, and whether it ran to its end. What it told before it gave up stands."""
    told: list[Finding] = []
    try:
        module: ModuleType = plugins.load("checks", name)
        for each in module.check(copy):
            told.append(replace(each, check=name))
    except CannotCheck as error:
        if name == LINKS and copy.web is None:
            return told, False  # Nobody gave it leave; the command says so in its last line.
        if not asked and _says(name, "OPTIONAL"):
            return told, False  # Nobody asked for what is not installed here.
        what = f"{name} was not run to its end: {error.what}" if told else f"{name} was not run: {error.what}"
        return [*told, Finding("note", what, hint=error.hint, check=name, rule="not-run")], False
    except DigestError as error:
        what = f"{name} was not run to its end: {error.what}"
        return [*told, Finding("note", what, error.path, error.line, error.hint, check=name, rule="not-run")], False
    except Exception as error:  # Whatever a check does, the others have their say.
        what = f"The check {name} broke, and was not run to its end: {type(error).__name__}: {error}"
        hint = "Please report it; until then, leave it out with --skip."
        return [*told, Finding("warning", what, hint=hint, check=name, rule="broken")], False
    return told, True


def _allowed(file: IssueFile, told: Sequence[Finding], whole: Sequence[str], web: Web | None) -> list[Finding]:
    names = known()
    found = permissions.read(file, names)
    ran = {each for each in whole if each != LINKS or web is not None}
    # A rule alone can be said to be of no use when every check that has it ran.
    rules: dict[str, bool] = {}
    for check in plugins.names("checks"):
        for rule in rules_of(check):
            rules[rule] = rules.get(rule, True) and check in ran
    ran |= {rule for rule, all_ran in rules.items() if all_ran} | {ISSUE}
    kept = permissions.apply(
        found, [each for each in told if each.rule not in ("not-run", "broken")], ran=ran, known=names
    )
    kept = tuple(replace(each, path=file.issue.path) if each.check == "permissions" else each for each in kept)
    return [*kept, *(each for each in told if each.rule in ("not-run", "broken"))]


def _order(finding: Finding, path: Path | None) -> tuple[bool, str, int, str, str, str]:
    place = "" if finding.path == path else str(finding.path or "\uffff")
    return finding.path is None, place, finding.line or 0, finding.check, finding.rule, finding.what


# --- what ran


class _Inbox:
    """The inbox of a publication, if it has one; opened when it is first asked, never made."""

    def __init__(self, project: Project, stack: ExitStack, issue: Issue) -> None:
        self.path = project.root / ".digest" / "inbox.db"
        self.problem: DigestError | None = None
        self._stack = stack
        self._store: Store | None = None
        self._opened = False
        # What ran within the last weeks counts by its title alone: counted from this issue's day.
        self._now = datetime.combine(issue.date, time(12), UTC) if issue.date else datetime.now(UTC)

    @property
    def store(self) -> Store | None:
        """The open store; None when there is none, or it cannot be read (then `problem` says why)."""
        if not self._opened:
            self._opened = True
            if self.path.is_file():
                from digest.store import Store

                try:
                    self._store = self._stack.enter_context(
                        Store.open(self.path, clock=lambda: self._now, wait=_PATIENCE)
                    )
                except (DigestError, OSError) as error:
                    self.problem = error if isinstance(error, DigestError) else DigestError(str(error))
        return self._store

    def machine_blurb(self, url: str) -> str:
        """What digest itself would write for the story at `url`. Raises CannotCheck for an inbox it cannot read."""
        store = self.store
        if store is None:
            if self.problem is not None:
                why = f"blurbs could not be compared with the inbox. {self.problem.what}"
                raise CannotCheck(why, hint=self.problem.hint) from self.problem
            return ""
        try:
            return story_text.machine_blurb(store.find(url).item)
        except NoSuchCandidate:
            return ""
        except DigestError as error:
            self.problem = error
            why = f"blurbs could not be compared with the inbox. {error.what}"
            raise CannotCheck(why, hint=error.hint) from error


class _Memory:
    """What is known of the other issues of a publication, read again only where a file changed."""

    def __init__(self) -> None:
        self._heads: dict[Path, tuple[tuple[int, int], Issue]] = {}
        self._sent: dict[Path, tuple[tuple[int, int], tuple[Sent, ...]]] = {}
        self._index: tuple[object, Index] | None = None

    def before(self, project: Project, issue: Issue) -> tuple[Issue, ...]:
        """The heads of the issues before this one, oldest first."""
        entries = _others(project, issue)
        found = []
        for entry in entries[-_BEFORE:]:
            stamp = _stamp(entry.path)
            kept = self._heads.get(entry.path)
            if kept is None or kept[0] != stamp:
                try:
                    kept = self._heads[entry.path] = (stamp, issue_file.head(entry.path))
                except DigestError:
                    continue  # Told when somebody works on that issue.
            found.append(kept[1])
        return tuple(found)

    def ran(self, project: Project, issue: Issue, inbox: _Inbox) -> Callable[[str, str], Ran | None]:
        """Where a story ran before this issue: asked of the inbox where that is up to date, else of the files."""
        fresh: bool | None = None
        index: Index | None = None
        # What the index has of an issue that was taken back since is not true any more.
        drafts = {issue.slug} | {entry.slug for entry in project.entries() if entry.status != "sent"}

        def asked(url: str, title: str) -> Ran | None:
            nonlocal fresh, index
            if fresh is None:
                fresh = issue.status != "sent" and _is_fresh(project, inbox)
            if fresh and inbox.store is not None:
                try:
                    found = inbox.store.sent(url, title=title)
                except DigestError as error:
                    inbox.problem = error
                    fresh = False
                else:
                    if found is None or found.slug not in drafts:
                        return _as_ran(found)
            index = index or self._indexed(project)
            return _as_ran(_last(index, issue, url, title))

        return asked

    def _indexed(self, project: Project) -> Index:
        """All that ran; read again when one of the files that tell it is another."""
        paths = _sources(project)
        state = tuple((path, _stamp(path)) for path in paths)
        if self._index is None or self._index[0] != state:
            pages: dict[str, list[Sent]] = {}
            titles: dict[str, list[Sent]] = {}
            entries = [each for path in paths for each in self._of(path)]
            for each in sorted(entries, key=lambda each: each.date):
                if each.url:
                    pages.setdefault(urls.key(each.url), []).append(each)
                titles.setdefault(likeness.plain_title(each.title), []).append(each)
            self._index = (state, (pages, titles))
        return self._index[1]

    def _of(self, path: Path) -> tuple[Sent, ...]:
        stamp = _stamp(path)
        kept = self._sent.get(path)
        if kept is None or kept[0] != stamp:
            if path.name == archive.ADOPTED:
                return tuple(archive.adopted(path))
            try:
                issue = issue_file.read(path).issue
            except DigestError:
                return ()  # Told when somebody works on that issue.
            kept = self._sent[path] = (stamp, tuple(archive.ran(issue, issue.sent or issue.date or Day.min)))
        return kept[1]


_MEMORIES: WeakKeyDictionary[Project, _Memory] = WeakKeyDictionary()


def _memory(project: Project) -> _Memory:
    return _MEMORIES.setdefault(project, _Memory())


def _last(index: Index, issue: Issue, url: str, title: str) -> Sent | None:
    """The last time a story ran before this issue: by its page, or lately by its title."""
    pages, titles = index
    day = issue.sent or issue.date
    plain = likeness.plain_title(title)

    def earlier(entries: Sequence[Sent]) -> Iterator[Sent]:
        for each in reversed(entries):
            if each.slug != issue.slug and (issue.status != "sent" or day is None or each.date <= day):
                yield each

    for each in earlier(pages.get(urls.key(url), ())) if url else ():
        here, there = urls.anchor(url), urls.anchor(each.url)
        if not (here and there and here != there and plain != likeness.plain_title(each.title)):
            return each
    for each in earlier(titles.get(plain, ())):
        if not url and not each.url and plain:
            return each
        near = day is None or abs((day - each.date).days) <= likeness.TITLE_DAYS.days
        if len(plain) >= likeness.TITLE_LENGTH and near:
            return each
    return None


def _others(project: Project, issue: Issue) -> list[Entry]:
    """The issues before this one; all others, where it is none of them.

    Of a draft all that was sent is before it, whatever day its head says.
    """
    entries = list(project.entries())
    own = issue.path.resolve() if issue.path else None
    at = next((index for index, entry in enumerate(entries) if own and entry.path.resolve() == own), len(entries))
    later = [entry for entry in entries[at + 1 :] if entry.status == "sent" and issue.status != "sent"]
    return [entry for entry in (*entries[:at], *later) if not entry.problem]


def _today(project: Project, issue: Issue, today: Day) -> Day | None:
    """The day, for an issue that may yet go out; None where the next one's has passed too, as in an old archive."""
    days = [entry.date for entry in project.entries() if entry.date and not entry.problem]
    return None if issue.date and any(issue.date < day < today for day in days) else today


def _is_fresh(project: Project, inbox: _Inbox) -> bool:
    """Whether the inbox's index of what ran was made from the sent issues as they are; drafts do not matter."""
    store = inbox.store
    if store is None:
        return False
    try:
        stamps = store.ledger_stamp()
    except DigestError as error:
        inbox.problem = error
        return False
    sources = _sources(project)
    names = {entry.path.name for entry in project.entries()} | {path.name for path in sources}
    return not stamps.keys() - names and all(stamps.get(path.name) == _stamp(path) for path in sources)


def _sources(project: Project) -> list[Path]:
    """The files that tell what ran."""
    adopted = project.issues_folder / archive.ADOPTED
    sent = [entry.path for entry in project.entries() if entry.status == "sent" and not entry.problem]
    return [*sent, *([adopted] if adopted.is_file() else [])]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except OSError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size


def _as_ran(sent: Sent | None) -> Ran | None:
    return None if sent is None else Ran(sent.slug, sent.number, sent.date, sent.title, sent.url)
