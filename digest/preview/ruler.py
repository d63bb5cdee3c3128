"""How tall the mail is, told without a script: a frame that may run none asks for a picture named after its height.

An element as tall as the document is a size container, and a stylesheet gives its child another background for
every few pixels; the browser fetches the one that fits, and no other. Within one document it fetches each once:
whoever makes the frame wider and narrower again has to load it anew to be told the same height twice.
"""

from __future__ import annotations

from functools import lru_cache

#: Pixels by which what is told may be less than the height.
STEP = 24
#: Told exactly to `STEP` up to the first; beyond, in steps of the second, up to the third. More rules than these
#: cost a browser more than the mail itself.
_FINE, _COARSE, TALLEST = 7_200, 96, 40_000
#: Where the height is as good as known: exactly so far around it, and in such steps elsewhere. A save then waits
#: for an eighth of the rules, which took a browser a third of the time that it takes to load a mail.
_AROUND, _ROUGH = 480, 960

MARKUP = '<div id="digest-ruler" aria-hidden="true"><i></i></div>'
_FRAME = (
    "html{position:relative!important;height:auto!important;min-height:0!important;overflow:auto hidden!important}"
    "#digest-ruler{position:absolute!important;top:0!important;bottom:0!important;left:0!important;width:1px!important;"
    "container-type:size!important;visibility:visible!important;pointer-events:none!important;z-index:-1!important}"
    "#digest-ruler>i{position:absolute;top:0;left:0;width:1px;height:1px}"
)


@lru_cache(maxsize=16)
def css(key: str, near: int = 0) -> str:
    """The stylesheet, for the page with this key; for a mail about `near` pixels tall, if that is not 0."""
    if near:
        close = range(max(STEP, (near - _AROUND) // STEP * STEP), min(TALLEST, near + _AROUND), STEP)
        steps = sorted({STEP, *range(_ROUGH, TALLEST, _ROUGH), *close})
    else:
        steps = [*range(STEP, _FINE, STEP), *range(_FINE, TALLEST, _COARSE)]
    # What is told, and `STEP` more, reaches the next one.
    told = [after - STEP for after in (*steps[1:], TALLEST)]
    rules = "".join(
        f"@container(min-height:{height}px){{#digest-ruler>i{{background:url(/height/{key}/{tell})}}}}"
        for height, tell in zip(steps, told, strict=True)
    )
    return f"{_FRAME}{rules}"
