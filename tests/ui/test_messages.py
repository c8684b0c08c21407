"""Numbers, times and names as the screen says them."""

import pytest

from imgcluster.ui.messages import count, duration, file_size, plain, public


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
        ":smile:",
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
    assert escaped.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\") == name
    for special in "*_[<`#$:|~.&":
        assert special not in escaped.replace("\\" + special, "")


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
