"""Campaign Monitor: pages that are published first, a draft that is replaced, its own elements, its client's clock."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bench import Bench
from fakes.base import Seen
from newsroom import PUBLICATION, Desk, an_issue

from digest.errors import DigestError
from digest.exporters.campaignmonitor import Exporter, NotReplaced, Settings
from digest.exporting import prepared
from digest.services.errors import CannotDo, NotPublished, ServiceError, UnknownOutcome
from digest.services.settings import settings_of
from digest.web import Web


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    bench = bench_of("campaignmonitor")
    bench.fake.pages.clear()
    return bench


def mistakes_in(**table: Any) -> list[str]:
    found: list[DigestError] = []
    settings_of(Exporter, "campaignmonitor", table, mistakes=found)
    return [str(each) for each in found]


# --- what it fetches


def test_without_its_pages_nothing_is_written_and_both_are_handed_over(bench: Bench) -> None:
    way = bench.way()
    published = dict(bench.fake.pages)
    bench.fake.pages.clear()
    with pytest.raises(NotPublished, match=r"\.html is not there \(404\)") as stopped:
        way.export()
    assert (bench.fake.writes(), bench.receipt.intent) == ([], None)
    assert stopped.value.pages == published
    assert [address[-4:] for address in published] == ["html", ".txt"]
    assert bench.way().export().did == "created"


def test_a_text_part_that_is_not_there_is_missed_too(bench: Bench) -> None:
    way = bench.way()
    del bench.fake.pages[[*bench.fake.pages][1]]
    with pytest.raises(NotPublished, match=r"\.txt is not there"):
        way.export()


def test_an_older_version_at_the_same_address_is_no_draft(bench: Bench) -> None:
    bench.extra = {"pages_url": bench.fake.settings["pages_url"].replace("-{version}", "")}
    bench.way().export()
    bench.write(title="Another")
    way = bench.way()
    bench.fake.pages |= {each: f"{content} Old." for each, content in bench.fake.pages.items()}
    with pytest.raises(NotPublished, match=r"012\.html shows something else"):
        way.export()
    assert "Another" not in bench.draft()["HTML"]
    assert bench.way().export().did == "updated"


def test_blanks_and_line_ends_that_a_web_server_changes_are_no_other_mail(bench: Bench) -> None:
    way = bench.way()
    bench.fake.pages |= {each: content.replace("\n", "\r\n") + "\r\n" for each, content in bench.fake.pages.items()}
    assert way.export().did == "created"


def test_every_version_has_an_address_of_its_own(bench: Bench) -> None:
    bench.way().export()
    first = {*bench.fake.pages}
    bench.write(title="Another")
    bench.way().export()
    assert (len(first), len({*bench.fake.pages} - first)) == (2, 2)


def test_the_key_is_told_to_no_page(bench: Bench) -> None:
    bench.way().export()
    asked = [seen for seen in bench.fake.seen if seen.path.startswith("/mail/")]
    assert (len(asked), bench.fake.overheard) == (2, [])


def test_a_page_in_a_private_network_is_not_asked_for(bench: Bench) -> None:
    bench.extra = {"pages_url": "http://10.1.2.3/{slug}.html"}
    with pytest.raises(NotPublished, match=r"http://10\.1\.2\.3/012\.html cannot be reached"):
        bench.way(Web(allow_private=["127.0.0.0/8"])).export()


@pytest.mark.parametrize(
    "wrong", ["https://a.example/mail.html", "https://a.example/{slug}", "{slug}.html", "https://a.example/{x}/{slug}.html"]
)  # fmt: skip
def test_an_address_that_could_not_work_is_told_with_the_settings(wrong: str) -> None:
    (said,) = mistakes_in(client="c", pages_url=wrong)
    assert "{slug} in it that ends in .html" in said
    assert mistakes_in(client="c", pages_url="https://a.example/{slug}-{version}.html") == []


@pytest.mark.parametrize("key", ["client", "pages_url"])
def test_what_it_cannot_do_without_is_named(key: str) -> None:
    whole = {"client": "c", "pages_url": "https://a.example/{slug}.html"}
    with pytest.raises(DigestError, match=f'lacks "{key}"'):
        prepared(Exporter, Settings(**{**whole, key: ""}), "k", web=Web())


# --- the draft


def test_what_was_inlined_is_not_inlined_again_and_names_lists_or_segments_alone(bench: Bench) -> None:
    bench.way().export()
    bench.extra = {"segments": ["s1"]}
    bench.way().export()
    first, second = (seen.json for seen in bench.fake.writes() if seen.method == "POST")
    assert (first["InlineCss"], first["ListIDs"], "SegmentIDs" in first) == (
        False,
        [*bench.fake.settings["lists"]],
        False,
    )
    assert (second["SegmentIDs"], "ListIDs" in second) == (["s1"], False)


def test_a_draft_is_deleted_before_another_takes_its_place(bench: Bench) -> None:
    bench.way().export()
    first = bench.id
    bench.write(title="Another")
    bench.way().export()
    wrote = [(seen.method, seen.path.rpartition("/")[2]) for seen in bench.fake.writes()]
    assert wrote[1:] == [("DELETE", f"{first}.json"), wrote[0]]


def test_what_is_scheduled_there_at_the_last_moment_is_not_deleted(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    way = bench.way()
    # While the pages are looked at.
    answer = bench.fake.answer

    def meanwhile(seen: Seen) -> Any:
        if seen.path.endswith(".txt"):
            bench.fake.turn(bench.id, "scheduled")
        return answer(seen)

    bench.fake.answer = meanwhile
    try:
        with pytest.raises(DigestError, match="no draft any more"):
            way.export()
    finally:
        del bench.fake.answer
    assert [each["state"] for each in bench.fake.drafts] == ["scheduled"]


def test_a_refusal_after_the_old_draft_is_deleted_says_so(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    way = bench.way()
    before = len(bench.fake.seen)
    bench.extra = {"segments": [], "lists": []}
    refused = bench.way()
    with pytest.raises(NotReplaced) as stopped:
        refused.export()
    said = str(stopped.value)
    assert "Lists or Segments Required" in said
    assert "The draft from before is deleted" in said
    assert "lists or segments in [export.campaignmonitor]" in said
    assert bench.fake.drafts == []
    assert len(bench.fake.seen) > before
    assert way.export().did == "created"


def test_a_new_draft_that_comes_late_is_waited_for_and_not_made_twice(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    before = len(bench.fake.seen)
    bench.way().export()
    making = [seen.method for seen in bench.fake.seen[before:]].index("POST")
    bench.write(title="A third")
    bench.fake.fault(making, "done_late:14")
    with pytest.raises(UnknownOutcome):
        bench.way().export()
    assert bench.fake.drafts == []
    bench.write(title="A fourth")
    bench.way().export(force=True)
    assert "A fourth" in bench.draft()["HTML"]
    assert any("in case it comes late" in said for said in bench.said)


def test_a_refusal_names_our_key_by_its_code(bench: Bench) -> None:
    bench.letter = replace(bench.letter, email=replace(bench.letter.email, sender_email=""))
    with pytest.raises(ServiceError) as refused:
        bench.way().export()
    assert "sender_email in [publication]" in str(refused.value)


def test_html_that_is_never_shown_is_known_by_its_fingerprint(bench: Bench) -> None:
    bench.way().export()
    bench.path.unlink()
    assert bench.way().export().did == "adopted"
    assert len([seen for seen in bench.fake.writes() if seen.method == "DELETE"]) == 0


def test_another_client_is_another_account(bench: Bench) -> None:
    bench.way().export()
    bench.extra = {"client": "0" * 32}
    with pytest.raises(DigestError, match="another account"):
        bench.way().export()


# --- its elements


def test_a_link_to_leave_the_list_is_its_element_and_looks_as_it_did(bench: Bench) -> None:
    html = bench.letter.email.html.replace("<a href=", '<a class="v" style="color:#605b54" target="_blank" href=')
    bench.letter = replace(bench.letter, email=replace(bench.letter.email, html=html))
    bench.way().export()
    held = bench.draft()
    assert '<unsubscribe class="v" style="color:#605b54">Unsubscribe</unsubscribe>' in held["HTML"]
    assert "[unsubscribe]" not in held["HTML"]
    assert "Leave: [unsubscribe]\n" in held["text part"]
    assert '<a class="v" style="color:#605b54" target="_blank" href="https://news.example/' in held["HTML"]


def test_names_have_their_fallback_and_what_looks_like_a_tag_is_text(bench: Bench) -> None:
    bench.write(title="[firstname] and [if:plan=gold] and <unsubscribe>".replace("<", "&lt;"))
    bench.way().export()
    held = bench.draft()
    assert "Dear [firstname,fallback=reader]," in held["HTML"]
    assert "&#91;firstname] and &#91;if:plan=gold] and &lt;unsubscribe>" in held["HTML"]
    assert held["text part"].startswith("[\u2060firstname] and [\u2060if:plan=gold]")


# --- its clock


@pytest.mark.parametrize(
    ("words", "when", "told"),
    [
        ("(GMT+01:00) Brussels, Copenhagen, Madrid, Paris", datetime(2027, 1, 1, 8, 5, tzinfo=UTC), "2027-01-01 09:05"),
        ("(GMT+01:00) Brussels, Copenhagen, Madrid, Paris", datetime(2027, 7, 1, 8, 5, tzinfo=UTC), "2027-07-01 10:05"),
        ("(GMT+10:00) Canberra, Melbourne, Sydney", datetime(2027, 1, 1, 14, tzinfo=UTC), "2027-01-02 01:00"),
        ("(GMT-05:00) Eastern Time (US & Canada)", datetime(2027, 7, 1, 14, tzinfo=UTC), "2027-07-01 10:00"),
        ("(GMT) Coordinated Universal Time", datetime(2027, 7, 1, 14, tzinfo=UTC), "2027-07-01 14:00"),
    ],
)
def test_a_time_is_told_as_the_clocks_of_its_client_show_it(
    words: str, when: datetime, told: str, bench: Bench
) -> None:
    bench.fake.time_zone = words
    bench.way().schedule(when)
    assert bench.fake.writes()[-1].json == {"ConfirmationEmail": "editor@slownews.example", "SendDate": told}
    remote = bench.way().status().remote
    assert remote is not None
    assert (remote.state, remote.when) == ("scheduled", when)


def test_a_clock_that_nobody_knows_is_asked_for(bench: Bench) -> None:
    bench.fake.time_zone = "(GMT-06:00) Central America"
    when = datetime(2027, 1, 1, 9, tzinfo=UTC)
    with pytest.raises(CannotDo, match=r"(?s)Central America.*timezone in \[export.campaignmonitor\]"):
        bench.way().schedule(when)
    bench.extra = {"timezone": "Europe/Paris"}
    with pytest.raises(CannotDo):
        bench.way().schedule(when)
    bench.extra = {"timezone": "America/Guatemala"}
    bench.way().schedule(when)
    assert bench.fake.writes()[-1].json["SendDate"] == "2027-01-01 03:00"
    assert mistakes_in(timezone="Mars/Base") != []


def test_an_hour_that_comes_twice_is_refused(bench: Bench) -> None:
    with pytest.raises(CannotDo, match="02:30 comes twice"):
        bench.way().schedule(datetime(2027, 10, 31, 0, 30, tzinfo=UTC))
    assert [seen.path for seen in bench.fake.writes() if seen.path.endswith("/send.json")] == []


@pytest.mark.mails_readers
def test_who_hears_that_it_went_out_can_be_chosen(bench: Bench) -> None:
    bench.extra = {"confirmation": "desk@slownews.example"}
    bench.way().send()
    assert bench.fake.writes()[-1].json == {"ConfirmationEmail": "desk@slownews.example", "SendDate": "Immediately"}


def test_what_was_sent_is_found_on_a_later_page_of_the_list(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "sent")
    bench.fake.crowd(200)
    remote = bench.way().status().remote
    assert remote is not None
    assert (remote.state, remote.archive_url) == ("sent", "https://web.example/w")


# --- as an editor types it


def test_an_editor_is_told_what_to_publish_where(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = bench.fake
    desk = Desk(tmp_path / "news", monkeypatch)
    monkeypatch.setenv("CAMPAIGNMONITOR_API_KEY", fake.secret)
    here = fake.url.removesuffix(fake.prefix)
    table = f'[export.campaignmonitor]\nurl = "{fake.url}"\nclient = "{fake.settings["client"]}"\nlists = ["a"]\n'
    pages = f'pages_url = "{here}/mail/{{slug}}.html"\n'
    desk.write("digest.toml", f"{PUBLICATION}\n[web]\nallow_private = true\n\n{table}{pages}")
    head = "---\nsubject: Five stories\npreheader: What is in it, for all who read\n"
    desk.write("issues/001.md", an_issue().replace("---\n", head, 1))

    rehearsed = desk.type("export", "campaignmonitor", "--dry-run=remote")
    assert (rehearsed.exit_code, (desk.folder / "build").exists()) == (1, False)

    stopped = desk.type("export", "campaignmonitor")
    assert (stopped.exit_code, fake.campaigns) == (1, {})
    assert "No draft was made. Publish these, and export again:" in stopped.stderr
    for name in ("001.html", "001.txt"):
        assert f"build/001-campaignmonitor/{name}\n    as {here}/mail/{name}" in stopped.stderr
        fake.pages[f"{here}/mail/{name}"] = desk.read(f"build/001-campaignmonitor/{name}")

    assert desk.type("export", "campaignmonitor").stdout.startswith("Campaign Monitor: a new draft\n")
    assert "<unsubscribe" in bench.draft()["HTML"]


# --- the vendor's own SDK


def as_told(seen: Seen) -> tuple[Any, ...]:
    return seen.method, seen.path, seen.headers.get("Authorization"), seen.json


@pytest.mark.mails_readers
def test_the_vendors_sdk_makes_the_same_requests(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    createsend = pytest.importorskip("createsend", reason="createsend, of the group dev, is not installed")
    bench.way().test(["me@reader.example"])
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    bench.way().unschedule()
    bench.write(title="Another")
    bench.way().send()
    ours = list(bench.fake.seen)
    first = next(seen.json for seen in ours if seen.method == "POST")
    deleted = next(seen.path for seen in ours if seen.method == "DELETE")
    id = deleted.rpartition("/")[2].removesuffix(".json")  # noqa: A001

    module = (
        createsend.createsend if isinstance(createsend.createsend, SimpleNamespace | type(createsend)) else createsend
    )
    monkeypatch.setattr(module, "VerifiedHTTPSConnection", http.client.HTTPConnection)
    monkeypatch.setattr(createsend.CreateSend, "base_uri", bench.fake.url)
    auth = {"api_key": bench.fake.secret}
    client = createsend.Client(auth, bench.fake.settings["client"])
    campaign = createsend.Campaign(auth, id)
    bench.fake.campaigns[id] = {"id": id, "CampaignID": id, "state": "draft", "Name": "", "date": ""}
    wanted = ("Subject", "Name", "FromName", "FromEmail", "ReplyTo", "HtmlUrl", "TextUrl", "ListIDs")
    createsend.Campaign(auth).create(client.client_id, *(first[name] for name in wanted), [])
    campaign.send_preview(["me@reader.example"], "Fallback")
    campaign.send("editor@slownews.example", "2027-01-01 10:00")
    campaign.unschedule()
    client.drafts()
    client.scheduled()
    client.campaigns()
    client.details()
    campaign.delete()
    theirs = [as_told(seen) for seen in bench.fake.seen[len(ours) :]]

    made = theirs.pop(0)
    assert made[:3] == as_told(next(seen for seen in ours if seen.method == "POST"))[:3]
    # It has no word for InlineCss, and names both lists and segments, which the vendor's page asks not to do.
    assert {**made[3], "InlineCss": False} == {**first, "SegmentIDs": []}
    known = [as_told(seen) for seen in ours]
    assert [each for each in theirs if each not in known] == []
    assert base64.b64decode(theirs[0][2].partition(" ")[2]).decode() == f"{bench.fake.secret}:x"
