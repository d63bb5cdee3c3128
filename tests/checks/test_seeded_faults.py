"""Samples spoilt in one place each: the fault is found where it is, and the samples as they are give no finding.

To add a fault, add a row to a table in a file of this folder called faults_*.py, as `FAULTS`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from faults import SAMPLES, Fault, Newsroom

from digest.project import Project
from digest.proofreading import report

TABLES = [path.stem for path in sorted(Path(__file__).parent.glob("faults_*.py"))]
FAULTS: list[Fault] = [fault for name in TABLES for fault in import_module(name).FAULTS]


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    return Newsroom(tmp_path_factory.mktemp("newsroom") / "slow-news")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.check}: {fault.name}")
def test_a_fault_is_found_where_it_is(newsroom: Newsroom, fault: Fault) -> None:
    found = newsroom.proofread(fault)
    expected = (fault.check, fault.rule, newsroom.line(fault), fault.story)
    assert [(each.check, each.rule, each.line, each.story) for each in found] == [expected]
    assert fault.level in ("", found[0].level)
    assert found[0].hint or found[0].effect


@pytest.mark.parametrize("issue", SAMPLES)
def test_a_sample_as_it_is_gives_no_finding(newsroom: Newsroom, issue: str) -> None:
    newsroom.restore()
    project = Project(newsroom.folder)
    assert report(project, issue, project.render(issue)).findings == ()


def test_no_two_faults_have_one_name() -> None:
    names = [(fault.check, fault.name) for fault in FAULTS]
    assert len(names) == len(set(names))
