"""A fake of Ghost's Admin API, with what Ghost 5 and 6 were seen to do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

from fakes.base import FakeService, Refusal, Seen, State, route

_WORDS = {"draft": "draft", "scheduled": "scheduled", "sent": "sent"}


class Fake(FakeService):
    key_name = "ghost"
    prefix = "/ghost/api/admin"
    secret = "0123456789abcdef01234567:" + "ab12" * 16
    creating = ("POST", "/posts/")

    def reset(self) -> None:
        super().reset()
        #: The key of a staff member, not that of an integration.
        self.staff = True

    def refusal(self, status: int, words: str) -> Any:
        return {"errors": [{"message": words, "context": None, "type": "ValidationError", "code": None, "id": "e1-2"}]}

    def authorised(self, seen: Seen) -> bool:
        word, _, token = seen.headers.get("Authorization", "").partition(" ")
        head, claims, signature = [*token.split("."), "", "", ""][:3]
        id, _, secret = self.secret.partition(":")  # noqa: A001
        made = hmac.new(bytes.fromhex(secret), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        if word != "Ghost" or _decoded(signature) != made or json.loads(_decoded(head))["kid"] != id:
            return False
        told = json.loads(_decoded(claims))
        now = time.time()
        return told["aud"] == "/admin/" and told["iat"] <= now < told["exp"] <= told["iat"] + 300

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        post = self.campaigns[id]
        (card,) = json.loads(post["lexical"])["root"]["children"]
        return {"subject": post["email_subject"], "preheader": post["custom_excerpt"] or "", "HTML": card["html"]}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id] |= {"email_subject": subject, "updated_at": self._stamp()}

    def turn(self, id: str, state: State) -> None:  # noqa: A002
        if state == "gone":
            del self.campaigns[id]
        else:
            self.campaigns[id] |= {"status": _WORDS[state], "updated_at": self._stamp()}

    def crowd(self, count: int) -> None:
        for _ in range(count):
            self._new({"title": "Somebody's", "status": "published"})["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        self._new({**self.campaigns[id], "title": "(Copy)"})

    @route("POST", "/posts/", 201)
    def _create(self, seen: Seen) -> Any:
        (post,) = seen.json["posts"]
        if not post.get("title"):
            raise Refusal(422, self.refusal(422, "Value in [posts.title] cannot be blank."))
        made = self._new({**post, "tags": [{"name": each} for each in post.get("tags", ())]})
        if post.get("status") == "published":
            self._mail(made, seen)
        return {"posts": [made]}

    @route("GET", "/posts/")
    def _list(self, seen: Seen) -> Any:
        page, limit = int(seen.query.get("page", 1)), min(int(seen.query.get("limit", 15)), 100)
        found = sorted(self.campaigns.values(), key=lambda each: each["id"], reverse=True)
        return {"posts": found[(page - 1) * limit : page * limit], "meta": {}}

    @route("GET", "/posts/{id}/")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return {"posts": [self._one(id)]}

    @route("PUT", "/posts/{id}/")
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        (post,) = seen.json["posts"]
        if post.get("updated_at") != found["updated_at"]:
            words = "Saving failed! Someone else is editing this post."
            error = {"message": words, "type": "UpdateCollisionError", "code": "UPDATE_COLLISION", "id": "e1-3"}
            raise Refusal(409, {"errors": [error]})
        if post.get("status") == "scheduled" and not post.get("published_at"):
            raise Refusal(422, self.refusal(422, "Date must be in the future."))
        if "tags" in post:
            post["tags"] = [{"name": each} for each in post["tags"]]
        if seen.query.get("email_segment", "all").startswith("status:none"):
            words = "The email segment parameter doesn't contain a valid filter"
            raise Refusal(400, self.refusal(400, words))
        found |= {**post, "updated_at": self._stamp()}
        if post.get("status") == "published":
            self._mail(found, seen)
        return {"posts": [found]}

    @route("POST", "/email_previews/posts/{id}/", 204)
    def _test(self, seen: Seen, id: str) -> None:  # noqa: A002
        self._one(id)
        if not self.staff:
            raise Refusal(403, self.refusal(403, "You do not have permission to perform this action"))
        self.tests.append((id, tuple(seen.json["emails"])))

    @route("GET", "/newsletters/")
    def _newsletters(self, seen: Seen) -> Any:
        return {"newsletters": [{"slug": "default-newsletter"}]}

    @route("POST", "/images/upload/", 201)
    def _upload(self, seen: Seen) -> Any:
        name, content = seen.files["file"]
        self.pictures.append((name, content))
        return {"images": [{"url": f"https://gallery.example/{name}", "ref": name}]}

    def _mail(self, post: dict[str, Any], seen: Seen) -> None:
        """Published without a newsletter it is on the site alone."""
        post["status"] = "published"
        if seen.query.get("newsletter"):
            self.mailed.append(post["id"])

    def _new(self, post: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        slug = post.get("slug") or "untitled"
        taken = [each for each in self.campaigns.values() if each["slug"].startswith(slug)]
        self.campaigns[id] = {
            "lexical": None,
            "custom_excerpt": None,
            "email_subject": None,
            "codeinjection_head": None,
            "status": "draft",
            **post,
            "id": id,
            "slug": f"{slug}-{len(taken) + 1}" if taken else slug,
            "updated_at": self._stamp(),
            "url": f"https://archive.example/{slug}/",
        }
        return self.campaigns[id]

    def _one(self, id: str) -> dict[str, Any]:  # noqa: A002
        if id not in self.campaigns:
            raise Refusal(404, self.refusal(404, "Resource not found error, cannot read post."))
        return self.campaigns[id]

    def _stamp(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
