"""What a service is handed: nothing of it leads to this computer, and every reader can leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bench import Bench, Crash, CrashingWeb, a_letter, an_email, pictures, told_as

from digest import files, issue_file
from digest.errors import Busy, DigestError
from digest.exporting import NoWayOut
from digest.exporting.drafting import sponsored
from digest.merge_tags import Blank
from digest.models import UtmPlan


def without_a_way_out(bench: Bench) -> Bench:
    email = an_email()
    object.__setattr__(email, "html", email.html.replace(Blank("unsubscribe_url").mark(), "https://a.example/"))
    bench.letter = a_letter()
    object.__setattr__(bench.letter, "email", email)
    return bench


def test_a_mail_that_nobody_can_leave_is_refused_even_by_force(bench_of: Any) -> None:
    bench = without_a_way_out(bench_of("mailchimp"))
    with pytest.raises(NoWayOut):
        bench.way().export(force=True)
    assert bench.fake.writes() == []


def test_a_service_that_adds_the_link_itself_takes_such_a_mail(bench_of: Any) -> None:
    bench = without_a_way_out(bench_of("ghost"))
    assert bench.way().export().did == "created"


def test_a_blank_the_service_has_no_tag_for_gets_what_the_publication_says(bench_of: Any) -> None:
    bench = bench_of("buttondown")
    bench.way().export()
    assert "1 Road, Town" in bench.draft()["HTML"]
    bench = bench_of("mailchimp")
    bench.folder = bench.folder / "other"
    bench.folder.mkdir()
    bench.way().export()
    assert "*|LIST:ADDRESSLINE|*" in bench.draft()["HTML"]


def test_a_name_is_written_the_services_way_with_its_fallback(bench_of: Any) -> None:
    bench = bench_of("ghost")
    bench.way().export()
    assert 'Dear %%{first_name, "reader"}%%,' in bench.draft()["HTML"]


def test_a_preheader_longer_than_the_service_takes_is_told_before_anything_is_made(bench_of: Any) -> None:
    bench = bench_of("ghost")
    bench.write(preheader="x" * 301)
    with pytest.raises(DigestError, match="300 letters"):
        bench.way().export()
    assert bench.fake.writes() == []


def test_links_are_left_to_a_service_that_tags_them_itself(bench_of: Any) -> None:
    bench = bench_of("mailchimp")
    object.__setattr__(bench.letter, "utm", UtmPlan(source="news"))
    bench.way().export()
    assert "a=1&amp;b=2&amp;utm_source=news#part" in bench.draft()["HTML"]
    bench.extra = {"google_analytics": "news"}
    bench.way().export()
    assert "utm_source" not in bench.draft()["HTML"]


def test_every_address_that_a_sponsor_paid_for_is_known(tmp_path: Path) -> None:
    path = tmp_path / "001.md"
    path.write_text(
        "## News\n\n### [A](https://a.example/)\n\n[b](https://b.example/)\n\n## Ads\nsponsor: yes\n\n"
        "Prose [one](https://one.example/x_(y)?a=*b*),[two](<https://two.example/ü?c=%20>) https://three.example/.\n\n"
        "### [Four](https://four.example/#d)\n\n![p](https://five.example/p.png)\n\n"
        "- [Six](https://six.example) - with [seven](https://seven.example/)\n",
        "utf-8",
    )
    found = sponsored(issue_file.read(path).issue)
    assert {
        *("https://one.example/x_(y)?a=*b*", "https://two.example/%C3%BC?c=%20", "https://three.example/"),
        *("https://four.example/#d", "https://six.example", "https://seven.example/"),
    } <= found
    assert {"https://a.example/", "https://b.example/"} & found == set()


def test_two_exports_of_an_issue_at_once_are_one_after_the_other(bench_of: Any) -> None:
    import threading

    bench = bench_of("mailchimp")
    held, done = threading.Event(), threading.Event()

    def other() -> None:
        with files.lock(bench.folder / "lock", wait=1):
            held.set()
            done.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(10)
    try:
        with pytest.raises(Busy):
            bench.way().export()
        assert bench.fake.seen == []
    finally:
        done.set()
        thread.join()


def test_ghost_says_why_an_integration_sends_no_test(bench_of: Any) -> None:
    bench = bench_of("ghost")
    bench.fake.staff = False
    with pytest.raises(DigestError, match="sends no test for the key of an integration") as told:
        bench.way().test(["me@reader.example"])
    assert "staff access token" in str(told.value)


def test_mailchimp_says_what_it_still_wants(bench_of: Any) -> None:
    bench = bench_of("mailchimp")
    object.__setattr__(bench.letter.email, "sender_email", "")
    assert bench.way().export().notes == ("Mailchimp says: From: There is no address.",)


def test_a_campaign_that_ignores_our_html_is_told(bench_of: Any) -> None:
    bench = bench_of("mailchimp")
    bench.way().export()
    bench.fake.campaigns[bench.id]["opened_in_builder"] = True
    bench.write(title="Another")
    with pytest.raises(DigestError, match="still shows the one from before"):
        bench.way().export()


def test_a_draft_that_ghost_locked_meanwhile_is_not_written_over(bench_of: Any) -> None:
    bench = bench_of("ghost")
    bench.way().export()
    bench.write(title="Another")
    error = {"message": "Someone else is editing this post.", "code": "UPDATE_COLLISION"}
    bench.fake.refuses(1, 409, {"errors": [error]})
    with pytest.raises(DigestError, match="changed in Ghost"):
        bench.way().export()


def rewritten(answer: Any) -> Any:
    """As a service would that gives every heading a class of its own."""
    if isinstance(answer, dict):
        return {key: rewritten(value) for key, value in answer.items()}
    return answer.replace("<h1>", "<h1 class='x'>") if isinstance(answer, str) else answer


def test_after_a_crash_what_may_be_the_services_own_doing_is_told_as_that(bench_of: Any) -> None:
    bench = bench_of("kit")
    bench.fake.retold = rewritten
    bench.way().export()
    bench.write(title="Another")
    before = len(bench.fake.seen)
    assert bench.way().export().did == "updated"
    (write,) = (number for number, seen in enumerate(bench.fake.seen[before:]) if seen.method == "PUT")
    bench.write(title="A third")
    with pytest.raises(Crash):
        bench.way(CrashingWeb(write, after=True, allow_private=True)).export()
    with pytest.raises(DigestError, match=r"(?s)cut short.*HTML.*Either Kit wrote it anew by itself, or somebody"):
        bench.way().export()
    assert bench.way().export(force=True).did == "updated"
    assert bench.way().export().did == "unchanged"


def test_a_new_subject_alone_is_no_html_that_was_ignored(bench_of: Any) -> None:
    bench = bench_of("kit")
    bench.fake.retold = rewritten
    bench.way().export()
    bench.write(subject="Six stories")
    assert bench.way().export().did == "updated"


def test_of_a_test_in_two_parts_the_half_that_went_out_is_told(bench_of: Any) -> None:
    bench = bench_of("mailchimp")
    bench.way().export()
    bench.fake.refuses(3, 400)  # the HTML went, the text does not
    with pytest.raises(DigestError, match="A part of the test was mailed before that") as told:
        bench.way().test(["me@reader.example"])
    assert len(bench.fake.tests) == 1
    assert "Nothing was sent" not in str(told.value)


@pytest.mark.parametrize("url", [None, "", "/uploads/p.png", "javascript:alert(1)", "https://a.example/a b"])
def test_a_picture_without_an_address_is_told_and_not_remembered(url: Any, bench_of: Any) -> None:
    bench = bench_of("mailchimp")
    bench.letter = a_letter(**pictures(1))
    bench.fake.retold = told_as("full_size_url", url)
    with pytest.raises(DigestError, match="without an address of the picture"):
        bench.way().export()
    bench.fake.retold = None
    assert bench.way().export().did == "created"
    assert [each for each in bench.receipt.pictures.values() if not each.startswith("https://")] == []


def test_an_address_that_leads_nowhere_does_not_forget_the_draft(bench_of: Any) -> None:
    bench = bench_of("mailchimp")
    bench.way().export()
    first = bench.id
    for number in range(2):
        bench.fake.refuses(number, 404)
    with pytest.raises(DigestError):
        bench.way().export()
    assert bench.receipt.id == first
