"""Who may use the app: this computer by its own names, and nobody else; hosted on purpose, everybody."""

import pytest

from imgcluster.ui.access import HOSTED_VARIABLE, hosted, is_local_host, is_loopback, refusal


@pytest.mark.parametrize(
    "address", [None, "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "::1%lo", "0:0:0:0:0:0:0:1"]
)
@pytest.mark.parametrize(
    "host", [None, "localhost", "localhost:8501", "LOCALHOST:80", "127.0.0.1:8501", "[::1]:8501", "[::1]"]
)
def test_this_computer_may(address, host):
    assert refusal(address, host) is None


@pytest.mark.parametrize(
    "address",
    [
        "192.168.1.7",
        "10.0.0.1",
        "8.8.8.8",
        "0.0.0.0",
        "::",
        "fe80::1%eth0",
        "::ffff:192.168.1.7",
        "2001:db8::1",
        "",
        "localhost",
        "127.0.0.1, 8.8.8.8",
        "127.0.0.1.evil.example",
        "2130706433",
        "nonsense",
    ],
)
def test_other_computers_may_not(address):
    assert not is_loopback(address)
    assert "only on that computer" in refusal(address, "localhost:8501")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "",
        " ",
        ":",
        ":8501",
        "localhost.",
        "localhost.evil.example",
        "evil@localhost",
        "127.0.0.1.nip.io",
        "127.0.0.1:8501:80",
        "localhost:8501, evil.example",
        "localhost:evil",
        "192.168.1.7:8501",
        "[::1",
        "::1",
        "[::1]:x",
        "[::2]:8501",
        "localhost:8501/evil",
        "localhost\x00",
        "localhost:",
        "xlocalhost",
    ],
)
def test_other_names_may_not(host):
    assert not is_local_host(host)
    assert "not this computer's own" in refusal(None, host)


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), (" True ", True), ("yes", True), ("0", False), ("", False), ("no", False)]
)
def test_hosted_by_the_environment(monkeypatch, value, expected):
    monkeypatch.setenv(HOSTED_VARIABLE, value)
    assert hosted() is expected


def test_hosted_by_the_secrets(monkeypatch):
    monkeypatch.setattr("streamlit.secrets", {HOSTED_VARIABLE: 1})
    assert hosted()


def test_local_without_secrets():
    assert not hosted()


def test_a_refused_visitor_sees_a_page_that_says_so_and_nothing_else(visit, monkeypatch, tmp_path):
    monkeypatch.setattr("imgcluster.ui.router.refusal", lambda address, host: "Not you.")
    page = visit(c="digits")
    assert page.app.title[0].value == "Only on this computer"
    assert "Not you." in page.text and "IMGCLUSTER_HOSTED=1" in page.text
    assert not page.app.button and not page.app.text_input and not page.app.metric
    assert str(tmp_path.parent) not in page.text
