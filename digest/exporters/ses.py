"""Amazon SES: one mail to each reader of a contact list, and tests; it keeps no drafts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formataddr
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from digest import credentials
from digest.errors import DigestError
from digest.exporters.base import Can, Draft, Mailer, Pace, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.mailing import personal
from digest.mailing.delivery import NotTaken, Reader, TooFast
from digest.services import destination, languages
from digest.services.calls import Call, Session
from digest.services.errors import CannotDo, CredentialRefused, NotThere, ServiceError, UnknownOutcome


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: Such as "eu-west-1"; else the one that the AWS tools are set to.
    region: str = ""
    #: The contact list.
    list: str = ""
    #: A topic of the list; without one everybody on it who has not left.
    topic: str = ""
    #: A profile of the AWS tools, in place of keys.
    profile: str = ""
    configuration_set: str = ""


#: SES fills it in, in what is mailed to a list, twice in a mail: a third stays as it is.
#: https://docs.aws.amazon.com/ses/latest/dg/sending-email-subscription-management.html (read 2026-11-23)
_LEAVE, _MOST_LEAVE = "{{amazonSESUnsubscribeUrl}}", 2
_TAGS: Tags = {**personal.TAGS, "unsubscribe_url": _LEAVE}
#: No template is made of a mail: this is found wherever it stands, and nothing else is.
LANGUAGE = languages.Language("SES", re.compile(r"\{(?=\{amazonSESUnsubscribeUrl\}|\Z)"))

#: What SES says of one mail; others would fare no better after anything else.
_OF_ONE = ("MessageRejected", "BadRequestException")
_SLOWER = ("TooManyRequestsException", "ThrottlingException", "Throttling")
_KEY = (
    *("UnrecognizedClientException", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredTokenException"),
    *("AccessDeniedException", "InvalidSignatureException", "ExpiredToken", "MissingAuthenticationToken"),
)
_MOST_PAGES = 10_000


class Exporter(Mailer):
    """SES as `digest.exporting.mailing` uses it."""

    name = "Amazon SES"
    settings_class = Settings
    secret = ""
    #: Those of the AWS tools, which look for what is nowhere here in places of their own.
    shared_secrets = (("aws", "access_key_id"), ("aws", "secret_access_key"), ("aws", "session_token"))
    ours = ("Destination", "ListManagementOptions")
    can = Can(
        preheader=False,
        encloses=True,
        test=True,
        send=True,
        cannot=(
            "Amazon SES keeps no drafts and no schedule: digest mails each reader of the contact list itself.",
            "Amazon SES tells digest no reader's name: each gets the fallback.",
        ),
    )
    html = syntax(LANGUAGE, _TAGS, encode=html.escape)
    text = syntax(LANGUAGE, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        """`secret` is "id:key" or "id:key:token"; "" leaves it to the places where the AWS tools look."""
        super().__init__(settings, secret, session)
        self._keys = [*secret.split(":"), ""][:3] if ":" in secret and not settings.profile else []
        if settings.url:
            destination.check(self.name, settings.url, "amazonaws.com")

    @property
    def account(self) -> str:
        return f"{self.settings.region or 'default'}/{self.settings.list}/{self.settings.topic}".rstrip("/")

    # --- what is asked

    @property
    def list_name(self) -> str:
        return str(self.settings.list)

    def pace(self) -> Pace:
        told = self._ask("get_account", {})
        if not told.get("ProductionAccessEnabled", False):
            what = f"This account of {self.name} is in the sandbox, and mails nobody but verified addresses."
            raise CannotDo(self.name, what, hint="Ask AWS for production access, on the account dashboard of SES.")
        standing = str(told.get("EnforcementStatus", "HEALTHY"))
        if not told.get("SendingEnabled", True) or standing not in ("HEALTHY", "PROBATION"):
            why = "paused" if standing == "HEALTHY" else standing
            raise CannotDo(self.name, f"{self.name} has stopped this account ({why}).", hint="Its dashboard says why.")
        quota = told.get("SendQuota") or {}
        most = float(quota.get("Max24HourSend", -1))
        return Pace(
            max(float(quota.get("MaxSendRate", 1)), 0.1),
            # -1 is SES's way to say that there is no bound.
            None if most < 0 else max(int(most - float(quota.get("SentLast24Hours", 0))), 0),
        )

    def readers(self, root: Path) -> Iterator[Reader]:
        own = self.settings
        asked: dict[str, Any] = {"ContactListName": own.list}
        if own.topic:
            chosen = {"TopicName": own.topic, "UseDefaultIfPreferenceUnavailable": True}
            asked["Filter"] = {"FilteredStatus": "OPT_IN", "TopicFilter": chosen}
        token = ""
        for _ in range(_MOST_PAGES):
            page = self._ask("list_contacts", {**asked, **({"NextToken": token} if token else {})})
            if not isinstance(page.get("Contacts"), list):
                raise self.unread("a list of contacts")
            yield from (Reader(each["EmailAddress"]) for each in page["Contacts"] if self._wants(each))
            before, token = token, page.get("NextToken") or ""
            if not token:
                return
            if token == before:
                break
        raise self.unread("the end of its list of contacts")

    def look_over(self, draft: Draft, readers: Sequence[Reader]) -> None:
        links = [part.count(_LEAVE) for part in (draft.html, draft.text)]
        if sum(links) > _MOST_LEAVE:
            what = (
                f"The mail has {links[0]} links to leave in its HTML and {links[1]} in its text part, and {self.name} "
            )
            hint = "Take the others out of the issue or the theme: one in each part is what every reader needs."
            raise CannotDo(self.name, f"{what}fills in two of them. Nothing was sent.", hint=hint)

    def mail(self, draft: Draft, reader: Reader) -> None:
        own = self.settings
        options = {"ContactListName": own.list, **({"TopicName": own.topic} if own.topic else {})}
        self._send({**self._message(draft, reader), "ListManagementOptions": options})

    def mail_test(self, draft: Draft, address: str) -> None:
        # Without a list there is nothing to leave.
        self._send(self._message(draft, Reader(address), leave="#not-in-a-test"))

    # --- inside

    def _message(self, draft: Draft, reader: Reader, *, leave: str = _LEAVE) -> dict[str, Any]:
        def filled(text: str) -> dict[str, str]:
            return {"Data": text.replace(_LEAVE, leave), "Charset": "UTF-8"}

        mail = personal.addressed(personal.enclosing(draft), reader, in_html=self.html, in_text=self.text)
        simple = {
            "Subject": filled(mail.subject),
            "Body": {"Html": filled(mail.html), "Text": filled(mail.text)},
        }
        message: dict[str, Any] = {
            # A name that is not ASCII has to come encoded (RFC 2047).
            "FromEmailAddress": formataddr((draft.sender_name, draft.sender_email)),
            "Destination": {"ToAddresses": [reader.address]},
            "Content": {"Simple": {**simple, **({"Attachments": _enclosed(draft)} if draft.assets else {})}},
        }
        if draft.reply_to:
            message["ReplyToAddresses"] = [draft.reply_to]
        if self.settings.configuration_set:
            message["ConfigurationSetName"] = self.settings.configuration_set
        return self.payload(message)

    def _wants(self, contact: Any) -> bool:
        if contact.get("UnsubscribeAll"):
            return False
        if not self.settings.topic:
            return True
        for each in (*contact.get("TopicPreferences", ()), *contact.get("TopicDefaultPreferences", ())):
            if each.get("TopicName") == self.settings.topic:
                return bool(each.get("SubscriptionStatus") == "OPT_IN")
        return False

    def _send(self, message: dict[str, Any]) -> None:
        where = self.settings.url or f"https://email.{self.settings.region or '{region}'}.amazonaws.com"
        simple = dict(message["Content"]["Simple"])
        files = tuple((each["FileName"], each["ContentType"], len(each["RawContent"])) for each in _popped(simple))
        shown = {**message, "Content": {**message["Content"], "Simple": simple}}
        if self.session.rehearsed(Call("POST", f"{where.rstrip('/')}/v2/email/outbound-emails", shown, files=files)):
            return
        # boto3 reads an answer that is none as an empty one.
        if not self._ask("send_email", message, reaches_people=True).get("MessageId"):
            raise UnknownOutcome(self.name, "send_email", "its answer cannot be read")

    @cached_property
    def _client(self) -> Any:
        try:
            import boto3  # type: ignore[import-untyped, unused-ignore]
            from botocore.config import Config  # type: ignore[import-untyped, unused-ignore]
        except ImportError as error:
            raise CannotDo(
                self.name,
                "Amazon SES is asked by a package that is not installed, boto3.",
                hint='Install it beside digest:  pip install "digest-newsletter[ses]"',
            ) from error
        own = self.settings
        given = dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), self._keys, strict=False))
        with self._told(""):
            session = boto3.Session(
                profile_name=own.profile or None,
                region_name=own.region or None,
                **{name: value for name, value in given.items() if value},
            )
            # Never by itself a second time: an answer that is lost says nothing of the mail.
            once = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
            return session.client("sesv2", endpoint_url=own.url or None, config=once)

    def _ask(self, operation: str, given: Mapping[str, Any], *, reaches_people: bool = False) -> Any:
        with self._told(operation, unsure=reaches_people):
            return getattr(self._client, operation)(**given)

    @contextmanager
    def _told(self, operation: str, *, unsure: bool = False) -> Iterator[None]:
        """Whatever boto3 raises within, in words; `unsure` when people may have been reached."""
        try:
            yield
        except DigestError:
            raise
        except Exception as error:
            from botocore import exceptions as aws  # type: ignore[import-untyped, unused-ignore]

            if isinstance(error, aws.ClientError):
                self._refused(error, operation, unsure=unsure)
            if not isinstance(error, aws.BotoCoreError):
                raise
            words = credentials.masked(str(error), self._keys).rstrip(".")
            if isinstance(error, aws.NoCredentialsError | aws.PartialCredentialsError | aws.ProfileNotFound):
                hint = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in [export.ses]."
                raise CredentialRefused(self.name, f"There are no keys for {self.name}: {words}.", hint=hint) from None
            if isinstance(error, aws.NoRegionError):
                raise CannotDo(
                    self.name, f"{self.name} has no region.", hint="Write region into [export.ses]."
                ) from None
            if isinstance(error, aws.ParamValidationError):
                hint = "An older boto3 knows no pictures within a mail: update it." if "Attachments" in words else ""
                raise CannotDo(self.name, f"{self.name} takes no such request: {words}.", hint=hint) from None
            before = aws.EndpointConnectionError | aws.ConnectTimeoutError | aws.ProxyConnectionError | aws.SSLError
            if unsure and not isinstance(error, before):
                raise UnknownOutcome(self.name, operation, "it gave no answer that can be read") from None
            raise ServiceError(self.name, f"{self.name} cannot be reached: {words}.", hint="Try again later.") from None

    def _refused(self, error: Any, operation: str, *, unsure: bool) -> NoReturn:
        """Raise what a ClientError means: SES answered, and not as we wished."""
        told, status = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
        code, number = str(told.get("Code", "")), int(status.get("HTTPStatusCode") or 0)
        id_ = f" [{status['RequestId']}]" if status.get("RequestId") else ""
        said = credentials.masked(" ".join(str(told.get("Message") or code).split())[:400], self._keys).rstrip(".")
        what = f"Amazon SES refused ({code or number}): {said}.{id_}"
        if code in _SLOWER or number == 429:
            raise TooFast(self.name, what, status=number, hint="Run it again later.") from None
        if code in _KEY or number in (401, 403):
            hint = "Which keys were used, aws sts get-caller-identity tells; they need leave for ses:SendEmail, "
            raise CredentialRefused(self.name, what, hint=f"{hint}ses:ListContacts and ses:GetAccount.") from None
        if unsure and number >= 500:
            raise UnknownOutcome(self.name, operation, f"it answered with {number}") from None
        if code in _OF_ONE and unsure:
            raise NotTaken(self.name, what, status=number) from None
        if number == 404:
            hint = "Look at list, topic, region and configuration_set in [export.ses]."
            raise NotThere(self.name, what, status=number, hint=hint) from None
        raise ServiceError(self.name, what, status=number) from None


def _enclosed(draft: Draft) -> list[dict[str, Any]]:
    """Its pictures, each found by its name as `cid:`. What SES makes of a mail by itself has room for them too, and its
    own link to leave in it: https://docs.aws.amazon.com/ses/latest/dg/attachments.html (read 2026-11-22).
    """
    return [
        {
            "FileName": asset.name,
            "ContentType": asset.media_type or "application/octet-stream",
            "ContentDisposition": "INLINE",
            "ContentId": asset.name,
            "ContentTransferEncoding": "BASE64",
            "RawContent": asset.content,
        }
        for asset in draft.assets
    ]


def _popped(simple: dict[str, Any]) -> list[dict[str, Any]]:
    """The pictures of a mail, taken out of it: what is shown holds no bytes."""
    pictures: list[dict[str, Any]] = simple.pop("Attachments", [])
    return pictures
