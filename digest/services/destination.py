"""Where a key may go: to the service that it belongs to, unread by anybody on the way."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from digest.errors import DigestError


def check(service: str, base: str, home: str) -> None:
    """Raise unless our key may be told to `base`."""
    host = host_of(base)
    scheme = urlsplit(base).scheme if host else ""
    if scheme not in ("http", "https"):
        raise DigestError(
            f'"{base}" is no address for {service}.', hint="Write the whole of it, beginning with https://."
        )
    own = host == "localhost" or _is_private(host)
    if home and not own and host != home and not host.endswith(f".{home}"):
        raise DigestError(
            f"The key for {service} is told to {home} alone, not to {host}.", hint="Take url out of digest.toml."
        )
    if scheme == "http" and not own:
        raise DigestError(
            f"The key for {service} would travel to {host} for everybody to read.", hint="Give url with https://."
        )


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host of an address; "" when there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
