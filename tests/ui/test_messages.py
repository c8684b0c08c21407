"""Numbers, times and names as the screen says them."""

import re

import pytest

from imgcluster.ui.messages import count, duration, file_size, percent, plain, public, unbroken


@pytest.mark.parametrize(("number", "text"), [(0, "0 pictures"), (1, "1 picture"), (1797, "1,797 pictures")])
def test_count(number, text):
    assert count(number, "picture") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (12, "about 10 seconds"),
        (49, "about 50 seconds"),
        (50, "about 1 minute"),
        (100, "about 2 minutes"),
        (3290, "about 55 minutes"),
        (3300, "about 1 hour"),
        (5400, "about 1.5 hours"),
        (7200, "about 2 hours"),
        (86_400, "about 24 hours"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0.0 KB"),
        (300, "0.3 KB"),
        (4_600, "4.6 KB"),
        (999_400, "999 KB"),
        (999_600, "1.0 MB"),
        (12_000_000, "12 MB"),
        (3_100_000_000, "3.1 GB"),
        (300 * 10**6, "300 MB"),
    ],
)
def test_file_size(size, text):
    assert file_size(size) == text


def unescaped(markdown):
    """Return the text of some Markdown, as Streamlit goes on with it."""
    return markdown.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")


@pytest.mark.parametrize(
    "name",
    [
        "**a**",
        "_a_",
        "[a](b)",
        "<b>a</b>",
        "`a`",
        "# a",
        "- a",
        "$a$",
        ":red[a]",
        "a|b",
        "~a~",
        "a\\b",
        "1. a",
        "&lt;",
    ],
)
def test_names_show_as_they_are(name):
    """Undoing the escapes gives the name back, and no special character stands without one."""
    escaped = plain(name)
    assert unescaped(escaped) == name
    for special in "*_[<`#$:|~.&":
        assert special not in escaped.replace("\\" + special, "")


# What Streamlit 1.67 looks for in text that is no Markdown any more, from its StreamlitMarkdown.js and remark-emoji.js.
# Before that it makes ":material_" of ":material/".
ALIVE = [
    re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE | re.ASCII),
    re.compile(r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)", re.ASCII),
    re.compile(r":material_(\w+):", re.ASCII),
    re.compile(r":streamlit:"),
    re.compile(r":\+1:|:-1:|:[\w-]+:", re.ASCII),
    re.compile(r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)"),
]


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example/x",
        "see HTTP://evil.example",
        "www.evil.example",
        "(WWW.evil.example)",
        "me@evil.example",
        "a.b+c-d@evil-x.example.org",
        ":material/delete:",
        ":material_delete:",
        ":streamlit:",
        ":smile:",
        ":a:b:c:",
        ":+1:",
        "Rome -> Oslo",
        "a <-> b",
        "<- >= <= ~=",
        "--",
    ],
)
def test_names_are_no_links_icons_or_arrows(name):
    assert any(pattern.search(name.replace(":material/", ":material_")) for pattern in ALIVE)
    text = unescaped(plain(name).replace(":material/", ":material_"))
    assert not any(pattern.search(text) for pattern in ALIVE)
    assert text.replace("\u2060", "") == name  # nothing that one sees was changed


def test_a_percentage_stays_in_one_line():
    assert percent(94) == unbroken("94 %") == "94\u00a0%"
    assert "\u00a0%" in plain("12 of 20 directions hold 94 % of it")


@pytest.mark.parametrize("name", ["a\nb", "a\n\n# b", "a\tb", " a  b "])
def test_names_stay_in_one_line(name):
    assert "\n" not in plain(name) and plain(name).replace("\\#", "").split() == ["a", "b"]


def test_ordinary_names_are_untouched():
    assert plain("Ünïcode 📷 2024, 3 of 4 'x' y") == "Ünïcode 📷 2024, 3 of 4 'x' y"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The folder /tmp/imgcluster-x1/uploads/a.zip cannot be opened.", "The folder … cannot be opened."),
        ("FileNotFoundError('/srv/app/x.py')", "FileNotFoundError('…')"),
        (r"No C:\Users\me\x here.", "No … here."),
        ("The ZIP file a/b.zip is damaged; 5/6 files.", "The ZIP file a/b.zip is damaged; 5/6 files."),
    ],
)
def test_places_on_a_server_are_not_shown(monkeypatch, text, shown):
    assert public(text) == text
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    assert public(text) == shown
