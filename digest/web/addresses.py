"""Which numeric addresses belong to the open internet, and which to somebody's own network."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

#: RFC 6052: IPv6 addresses that a translator (NAT64) turns back into the IPv4 address in their last 32 bits.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: RFC 4291: what is routed on the open internet stands in here, now and for as long as anybody plans.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")


def reachable(private: bool | Iterable[str]) -> Callable[[str], bool]:
    """Whether a numeric address may be connected to: public ones, and all others or those in the `private` networks."""
    if private is True:
        return lambda number: True
    networks = [ipaddress.ip_network(each) for each in private or ()]
    return lambda number: is_public(number) or any(_within(number, network) for network in networks)


def _within(number: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(number) in network
    except ValueError:
        return False


def is_public(number: str) -> bool:
    """Whether `number` can be reached by everybody: not private, loopback, link-local, shared, multicast or reserved.

    An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo) is judged too: a gateway would deliver to it.
    What is no numeric address is not public.
    """
    try:
        address = ipaddress.ip_address(number)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return _is_public_v4(address)
    if address.ipv4_mapped is not None:
        return _is_public_v4(address.ipv4_mapped)
    if address in _NAT64:
        return _is_public_v4(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    within = [address.sixtofour] if address.sixtofour else [*(address.teredo or ())]
    if not all(_is_public_v4(inner) for inner in within):
        return False
    # 6to4 itself (2002::/16) counts as not global in some versions of Python; what it wraps was judged.
    return address in _GLOBAL_UNICAST and (address.is_global or address.sixtofour is not None)


def _is_public_v4(address: ipaddress.IPv4Address) -> bool:
    # Python calls most of 224.0.0.0/4 global, and it is right: but nobody's feed lives in a multicast group.
    return address.is_global and not address.is_multicast and not address.is_reserved
