"""Texts that a page or an export must show and never obey."""

from tests.doubles.engine import LINES, answer, quarantined

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</td></table><h1>owned</h1>",
    "{{ 7 * 1910191 }} {% raw %}",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe",
    "Acme\u200b \u2066Ltd\u2069",
    "null\x00byte \x1b[31m",
    "&lt;b&gt; &amp;",
    "<svg/onload=alert(1)>",
    "]]><!--",
)  # fmt: skip


def come_in(dashboard, engine) -> None:
    """Let files of hostile names come in, rejected for hostile reasons, and hostile lines."""
    for number, text in enumerate(HOSTILE):
        dashboard.lake.takes(
            f"raw/{text.replace('/', '')}-{number}.csv",
            status="rejected",
            reason=text,
            repairs={text: 1},
        )
    rows = [quarantined(f"raw/{text}", 1, text, text.encode()) for text in HOSTILE]
    engine.gives("quarantine", answer(LINES, *rows))
