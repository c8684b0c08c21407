"""Of all that might name a group, one name: no two groups the same, and none that a person gave already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imgcluster.editing.groups import Groups, is_unnamed_title
from imgcluster.naming.evidence import Evidence, Source

__all__ = ["LONGEST_PROPOSAL", "Proposal", "propose_names"]

LONGEST_PROPOSAL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A name that the program proposes for a group.

    Attributes
    ----------
    label : int
    name : str
        1 to 60 characters that can be printed. Text from folders and files as it is: escape it for HTML.
    source : {"folder", "files", "words", "date", "camera"}
        What it comes from.
    reason : str
        One sentence with the numbers.
    """

    label: int
    name: str
    source: Source
    reason: str


def propose_names(groups: Groups, found: Sequence[Mapping[int, Evidence]]) -> tuple[Proposal | None, ...]:
    """Choose a name for each group that has none.

    Parameters
    ----------
    groups : Groups
    found : sequence of mapping of int to Evidence
        By label; the first that says something of a group counts.

    Returns
    -------
    tuple of Proposal or None, length n_groups
        None for groups that were named by a person, and where nothing was found. Of groups that would be called the
        same each gets a longer name that is its alone, or a number: "Dog", "Dog 2"; the same goes for names that look
        like those of groups without one. The same groups and evidence give the same names.
    """
    best: dict[int, Evidence] = {}
    names: dict[int, list[str]] = {}
    for label in range(groups.n_groups):
        if groups.names[label]:
            continue
        for evidence in (each[label] for each in found if label in each):
            if clean := [name for name in map(_clean, evidence.names) if name]:
                best[label], names[label] = evidence, clean
                break
    taken = {name.casefold() for name in groups.names}
    first = Counter(each[0].casefold() for each in names.values())
    longer = Counter(name.casefold() for each in names.values() for name in dict.fromkeys(each[1:]))
    proposals: list[Proposal | None] = [None] * groups.n_groups
    for label, candidates in names.items():
        is_shared = first[candidates[0].casefold()] > 1 or not _is_free(candidates[0], taken)
        own = [name for name in candidates[1:] if longer[name.casefold()] == 1] if is_shared else []
        name = _free([*own, candidates[0]], taken)
        taken.add(name.casefold())
        proposals[label] = Proposal(label=label, name=name, source=best[label].source, reason=best[label].reason)
    return tuple(proposals)


def _free(candidates: Sequence[str], taken: set[str]) -> str:
    """Return the first name that nobody has, or else the last with the first number that makes it so."""
    for name in candidates:
        if _is_free(name, taken):
            return name
    number = 2
    while not _is_free(name := _shortened(candidates[-1], f" {number}"), taken):
        number += 1
    return name


def _is_free(name: str, taken: set[str]) -> bool:
    return name.casefold() not in taken and not is_unnamed_title(name)


def _clean(name: str) -> str:
    """Return the name without what cannot be printed (also marks that turn the direction of writing), not too long."""
    printable = "".join(character if character.isprintable() else " " for character in name)
    return _shortened(" ".join(printable.split()), "")


def _shortened(name: str, end: str) -> str:
    longest = LONGEST_PROPOSAL - len(end)
    return (name if len(name) <= longest else name[: longest - 1].rstrip() + "…") + end
