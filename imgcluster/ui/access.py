"""Who may use the app: on one's own computer nobody else, hosted on purpose everybody."""

import os
from ipaddress import ip_address

import streamlit as st

__all__ = ["HOSTED_VARIABLE", "hosted", "is_local_host", "is_loopback", "refusal"]

HOSTED_VARIABLE = "IMGCLUSTER_HOSTED"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def hosted() -> bool:
    """Return whether the app runs for others, as the environment or the secrets of the hosting say."""
    value = os.environ.get(HOSTED_VARIABLE)
    if value is None:
        try:
            value = str(st.secrets.get(HOSTED_VARIABLE, ""))
        except FileNotFoundError:
            value = ""
    return value.strip().lower() in {"1", "true", "yes"}


def is_loopback(address: str | None) -> bool:
    """Return whether an IP address is this computer's own; Streamlit gives None for it."""
    if address is None:
        return True
    try:
        parsed = ip_address(address.split("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def is_local_host(host: str) -> bool:
    """Return whether a Host header names this computer, with or without a port."""
    name, colon, port = host.strip().lower().rpartition(":")
    return (name if colon and port.isdigit() else host.strip().lower()) in _LOCAL_NAMES


def refusal(address: str | None, host: str | None) -> str | None:
    """Return why a session must not be served in local mode, None when it may.

    A foreign Host header on a local address is how a web page elsewhere reaches into one's computer (DNS rebinding).

    Parameters
    ----------
    address : str or None
        The visitor's IP address, None for this computer.
    host : str or None
        The Host header; None where there is no browser (tests).
    """
    if not is_loopback(address):
        return "This imgcluster shows the pictures of the computer it runs on, and only on that computer."
    if host is not None and not is_local_host(host):
        return "This imgcluster was opened under a name that is not this computer's own."
    return None
