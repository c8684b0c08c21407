"""What the list of projects says of each, in words."""

from datetime import datetime

from imgcluster.keeping.projects.summaries import ProjectSummary
from imgcluster.ui.messages import count

__all__ = ["facts_of", "how_long_ago", "short"]

_LONGEST = 40  # characters of a name on a card


def facts_of(summary: ProjectSummary, now: datetime) -> str:
    """Return "400 pictures, 12 groups, 3 changes, yesterday".

    Parameters
    ----------
    summary : ProjectSummary
    now : datetime
        With its time zone, in which a day begins.
    """
    if summary.n_images:
        facts = [count(summary.n_images, "picture")]
        facts += [count(summary.n_clusters, "group")] if summary.n_clusters else []
        facts += [count(summary.n_edits, "change")] if summary.n_edits else []
    else:
        facts = ["not grouped yet"]
    return ", ".join([*facts, *filter(None, [how_long_ago(summary.changed, now)])])


def how_long_ago(changed: str, now: datetime) -> str:
    """Return "today", "yesterday", "5 days ago", "3 weeks ago" or a date; nothing where the time is none."""
    try:
        then = datetime.fromisoformat(changed).astimezone(now.tzinfo)
    except (ValueError, OverflowError, OSError):  # a damaged one, or a year that no calendar of the system has
        return ""
    n_days = (now.date() - then.date()).days
    if n_days <= 0:
        return "today"
    if n_days == 1:
        return "yesterday"
    if n_days < 14:
        return f"{n_days} days ago"
    if n_days < 60:
        return f"{n_days // 7} weeks ago"
    return f"{then.day} {then:%B} {then.year}"


def short(name: str) -> str:
    """Return a name that fits on a card."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
