"""An address is kept as the editor gave it, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.address import address


@pytest.mark.parametrize(
    ("given_url", "written"),
    [
        ("https://a.example/b%20c?d=%C3%A9&e=f%2Fg#h", "https://a.example/b%20c?d=%C3%A9&e=f%2Fg#h"),
        ("HTTP://A.example:8080/(x)'y!*;,@~$+=", "HTTP://A.example:8080/(x)'y!*;,@~$+="),
        (" https://a.example/b c\n|{}é%zz ", "https://a.example/b%20c%7C%7B%7D%C3%A9%25zz"),
        ("https://münchen.example/ß", "https://xn--mnchen-3ya.example/%C3%9F"),
        ("https://例え.example。jp/", "https://xn--r8jz45g.example.jp/"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("mailto:a@b.example?subject=x y", "mailto:a@b.example?subject=x%20y"),
        ("//a.example/x", ""),
        ("/x", ""),
        ("#top", ""),
        ("https://", ""),
        ("https:a.example", ""),
        ("https://good.example\\@evil.example/", ""),
        ("https://good.example／evil/", ""),
        ("java\tscript:alert(1)", ""),
        ("\u00a0\u200bjavascript:alert(1)", ""),
        ("\x01data:text/html,x", ""),
        ("ht\u200btps://a.example/", ""),
        ("mailto:", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_as_given_or_refused(given_url, written):
    assert address(given_url) == written
    assert address(written) == written


@given(st.text())
@settings(max_examples=100)
def test_an_address_once_written_never_changes(text):
    for url in (address(text), address(f"https://a.example/{text}")):
        assert address(url) == url
        assert url.isascii()
