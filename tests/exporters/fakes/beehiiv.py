"""A fake of beehiiv's API v2: posts are built in the background, lose style sheets, and are never shown as given."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

from fakes.base import FakeService, Refusal, Seen, State, route

PUBLICATION = "pub_00000000-0000-4000-8000-000000000012"
_STYLES = re.compile(r"<style\b.*?</style>|<link\b[^>]*>", re.DOTALL | re.IGNORECASE)
_DAY = 24 * 3600
_WORDS = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 422: "Unprocessable Entity"}


class Fake(FakeService):
    key_name = "beehiiv"
    prefix = "/v2"
    secret = "aBcDeFgHiJ0123456789kLmNoPqRsTuVwXyZ"
    creating = ("POST", f"/publications/{PUBLICATION}/posts")

    def reset(self) -> None:
        super().reset()
        #: How often a new post is answered for with 202, and after how many seconds to ask again.
        self.builds_for, self.again = 0, "2"
        #: Why no new post can be built, in beehiiv's words.
        self.fails = ""
        #: Below the Max plan posts are not taken.
        self.plan = "max"
        self.tests_left = 20
        #: Whether headers are shown, which is not promised: of one post, and in the list.
        self.shows_headers, self.lists_headers = True, True

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "publication": PUBLICATION}

    def refusal(self, status: int, words: str, code: str = "INVALID") -> Any:
        errors = [{"message": words, "code": code}]
        return {"status": status, "statusText": _WORDS.get(status, "Error"), "errors": errors}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("Authorization") == f"Bearer {self.secret}"

    def new_id(self) -> str:
        return f"post_00000000-0000-4000-8000-{int(super().new_id().removeprefix('id')):012x}"

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        found = self.campaigns[id]
        return {"subject": found["subject_line"], "preheader": found["preview_text"], "HTML": found["body"]}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["subject_line"] = subject

    def turn(self, id: str, state: State) -> None:  # noqa: A002
        if state == "gone":
            del self.campaigns[id]
        else:
            later = {"scheduled": _DAY, "sent": -_DAY}.get(state)
            when = int(time.time()) + later if later else None
            self.campaigns[id] |= {"status": "confirmed" if later else "draft", "publish_date": when}

    def crowd(self, count: int) -> None:
        for _ in range(count):
            self._new({"title": "Somebody's", "body_content": ""})["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        copied = self.new_id()
        self.campaigns[copied] = {**self.campaigns[id], "id": copied}

    @route("POST", "/publications/{publication}/posts", 201)
    def _create(self, seen: Seen, publication: str) -> Any:
        self._may_write(publication)
        post = seen.json
        if not post.get("title") or ("body_content" in post) == ("blocks" in post):
            raise self._no(400, "A title, and either blocks or body_content must be provided.")
        made = self._new(post)
        made["left"] = self.builds_for
        # What was the default for years, and may be it yet in some account.
        self._confirm(made, {"status": "confirmed", **post})
        return {"data": {"id": made["id"], "preview_url": _shown(made)["preview_url"]}}

    @route("GET", "/publications/{publication}/posts")
    def _list(self, seen: Seen, publication: str) -> Any:
        self._known(publication)
        page, limit = int(seen.query.get("page", 1)), min(int(seen.query.get("limit", 10)), 100)
        status = seen.query.get("status", "all")
        built = [each for each in self.campaigns.values() if not each.get("left") and not self.fails]
        found = [each for each in built if status in ("all", each["status"])]
        shown = [self._seen(each, self.lists_headers) for each in found[(page - 1) * limit : page * limit]]
        pages = -(-len(found) // limit)
        return {"data": shown, "limit": limit, "page": page, "total_results": len(found), "total_pages": pages}

    @route("GET", "/publications/{publication}/posts/{id}")
    def _read(self, seen: Seen, publication: str, id: str) -> Any:  # noqa: A002
        return {"data": self._seen(self._built(publication, id), self.shows_headers)}

    @route("PATCH", "/publications/{publication}/posts/{id}")
    def _update(self, seen: Seen, publication: str, id: str) -> Any:  # noqa: A002
        self._may_write(publication)
        found = self._built(publication, id)
        post = seen.json
        if found["status"] == "confirmed" and post.get("status") == "draft":
            raise self._no(422, "A confirmed post cannot be moved back to draft.")
        if found["status"] == "confirmed" and "scheduled_at" in post and found["publish_date"] <= time.time():
            raise self._no(422, "scheduled_at cannot be updated after the post has been sent.")
        self._become(found, post)
        self._confirm(found, post)
        return {"data": self._seen(found, self.shows_headers)}

    @route("POST", "/publications/{publication}/posts/{id}/test_sends")
    def _test(self, seen: Seen, publication: str, id: str) -> Any:  # noqa: A002
        self._built(publication, id)
        if self.tests_left < 1:
            raise self._no(422, "The daily test send limit has been reached.")
        self.tests_left -= 1
        self.tests.append((id, tuple(seen.json["recipient_emails"])))
        return {"data": {"remaining_test_sends": self.tests_left, "reset_at": int(time.time()) + _DAY}}

    def _confirm(self, found: dict[str, Any], post: dict[str, Any]) -> None:
        if post.get("status") != "confirmed":
            return
        at = post.get("scheduled_at")
        when = datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() if at else time.time() - 1
        found |= {"status": "confirmed", "publish_date": int(when)}
        if when <= time.time():
            self.mailed.append(found["id"])

    def _become(self, found: dict[str, Any], post: dict[str, Any]) -> None:
        recipients = post.get("recipients", {"web": {}, "email": {}})
        if (
            not {"web", "email"} <= recipients.keys()
            or {"tier_ids", "include_segment_ids"} <= recipients["email"].keys()
        ):
            raise self._no(400, "recipients needs web and email; tier_ids cannot be combined with include_segment_ids.")
        email = post.get("email_settings", {})
        new = {
            "title": post.get("title"),
            "subject_line": email.get("email_subject_line"),
            "preview_text": email.get("email_preview_text"),
            "headers": post.get("headers"),
            "recipients": post.get("recipients"),
            "template": post.get("post_template_id"),
        }
        if "body_content" in post:
            new["body"] = _STYLES.sub("", post["body_content"])
        found |= {name: value for name, value in new.items() if value is not None}

    def _new(self, post: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": self.new_id(),
            "status": "draft",
            "publish_date": None,
            "headers": {},
            "recipients": None,
        }
        made |= {"title": "", "subject_line": post.get("title"), "preview_text": "", "created": self.now(), "body": ""}
        self._become(made, post)
        self.campaigns[made["id"]] = made
        return made

    def _seen(self, found: dict[str, Any], headers: bool) -> dict[str, Any]:
        shown = _shown(found)
        return shown if headers else {name: value for name, value in shown.items() if name != "headers"}

    def _built(self, publication: str, id: str) -> dict[str, Any]:  # noqa: A002
        self._known(publication)
        if id not in self.campaigns:
            raise self._no(404, "The post could not be found.", "NOT_FOUND")
        found = self.campaigns[id]
        if found.get("left"):
            found["left"] -= 1
            body = {"status": 202, "statusText": "Accepted", "data": {"id": id, "state": "pending"}}
            raise Refusal(202, body, {"Retry-After": self.again})
        if self.fails:
            raise self._no(404, self.fails, "POST_CREATION_FAILED")
        return found

    def _known(self, publication: str) -> None:
        if publication != PUBLICATION:
            raise self._no(404, "The publication could not be found.", "NOT_FOUND")

    def _may_write(self, publication: str) -> None:
        self._known(publication)
        if self.plan != "max":
            raise self._no(403, "This endpoint is available on the Max and Enterprise plans.", "FORBIDDEN")

    def _no(self, status: int, words: str, code: str = "INVALID") -> Refusal:
        return Refusal(status, self.refusal(status, words, code))


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    slug = found["id"].removeprefix("post_")
    return {
        **{name: found[name] for name in ("id", "title", "status", "publish_date", "subject_line", "preview_text")},
        "headers": found["headers"],
        "created": found["created"],
        "subtitle": "",
        "authors": [],
        "split_tested": False,
        "slug": slug,
        "thumbnail_url": "",
        "web_url": f"https://slownews.example/p/{slug}",
        "preview_url": f"https://app.beehiiv.com/posts/{slug}/preview",
        "audience": "free",
        "platform": "both",
        "content_tags": [],
        "hidden_from_feed": False,
        "enforce_gated_content": False,
        "email_capture_popup": False,
    }
