"""What an export would write, before anything is written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import Literal, get_args

from imgcluster.editing.groups import NO_GROUP
from imgcluster.errors import ParameterError
from imgcluster.keeping.exporting.scheme import SCHEMES, Scheme, parse_scheme
from imgcluster.keeping.final import FinalGroups
from imgcluster.pictures.collection import ImageFile, SkippedImage
from imgcluster.pictures.names import UniqueNames, name_key, safe_name, safe_path
from imgcluster.pictures.opening import file_problem

__all__ = ["ExportPlan", "How", "PlannedFile", "PlannedGroup", "plan_export"]

How = Literal["copy", "hardlink", "symlink"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """One picture and where it will lie.

    Attributes
    ----------
    index : int
        In the collection.
    image : ImageFile
    group : str
        The group's name as the person knows it.
    path : str
        Relative to the folder that is exported to, with "/"; every system takes it, and no two are alike.
    """

    index: int
    image: ImageFile
    group: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedGroup:
    """How much of one group is exported: its name, files and bytes."""

    title: str
    n_files: int
    n_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """What an export would write.

    Attributes
    ----------
    name : str
        Of the collection.
    scheme : str
    how : "copy", "hardlink" or "symlink"
    files : tuple of PlannedFile
        By group, in the order of the collection.
    groups : tuple of PlannedGroup
        Those that have pictures; no group comes last.
    skipped : tuple of SkippedImage
        Pictures that are not there any more, with the reasons.
    n_numbered : int
        Files that got a number because another one wanted the same name.
    roots : tuple of Path
        See `FinalGroups.roots`.
    """

    name: str
    scheme: str
    how: How
    files: tuple[PlannedFile, ...]
    groups: tuple[PlannedGroup, ...]
    skipped: tuple[SkippedImage, ...]
    n_numbered: int
    roots: tuple[Path, ...] = ()

    @property
    def n_files(self) -> int:
        """Files that will be written."""
        return len(self.files)

    @property
    def n_bytes(self) -> int:
        """Size of all their contents; links take next to none of it."""
        return sum(group.n_bytes for group in self.groups)


def plan_export(
    final: FinalGroups, *, scheme: str = SCHEMES[0], how: How = "copy", include_no_group: bool = True
) -> ExportPlan:
    """Say where each picture would lie. Quick: no picture is opened, and nothing is written.

    Parameters
    ----------
    final : FinalGroups
    scheme : str
        See `imgcluster.keeping.exporting.scheme`. Two groups never share a folder, also where their names are alike.
    how : "copy", "hardlink" or "symlink"
        Hard links are the same files under second names, and take no space; they need the same disk. Symbolic links
        lead to the pictures for as long as these stay where they are.
    include_no_group : bool
        Export pictures that are in no group as well.

    Returns
    -------
    ExportPlan

    Raises
    ------
    ParameterError
        The scheme or the way is not known, or links are wanted to pictures inside a ZIP file.
    """
    parsed = parse_scheme(scheme)
    if how not in get_args(How):
        raise ParameterError(f'There is no way "{how}".', hint="The ways are " + ", ".join(get_args(How)) + ".")
    if how != "copy" and any(image.member is not None for image in final.images):
        raise ParameterError(
            "There can be no links to pictures inside a ZIP file.", hint="Choose to copy, or unpack the ZIP file first."
        )
    labels = [*range(final.groups.n_groups), *([NO_GROUP] if include_no_group else [])]
    members, skipped = _present_members(final, labels)
    wanted = list(_wanted(final, members, parsed))
    names = UniqueNames(path for *_, path in wanted)
    files = tuple(
        PlannedFile(index=index, image=final.images[index], group=final.title(label), path=names.name(path))
        for label, index, path in wanted
    )
    groups = tuple(
        PlannedGroup(
            title=final.title(label), n_files=len(indices), n_bytes=sum(final.images[index].size for index in indices)
        )
        for label, indices in members.items()
        if indices
    )
    return ExportPlan(
        name=final.name,
        scheme=parsed.text,
        how=how,
        files=files,
        groups=groups,
        skipped=skipped,
        n_numbered=sum(file.path != path for file, (*_, path) in zip(files, wanted, strict=True)),
        roots=final.roots,
    )


def _present_members(
    final: FinalGroups, labels: Iterable[int]
) -> tuple[dict[int, list[int]], tuple[SkippedImage, ...]]:
    """Return the indices of each group's images that are still there, and the other images with the reasons."""
    present, members, skipped = _Present(), {}, []
    for label in labels:
        members[label] = []
        for index in final.groups.members(label).tolist():
            image = final.images[index]
            reason = present.problem(image)
            if reason is None:
                members[label].append(index)
            else:
                skipped.append(SkippedImage(path=image.path, reason=reason))
    return members, tuple(skipped)


def _wanted(final: FinalGroups, members: Mapping[int, Sequence[int]], scheme: Scheme) -> Iterator[tuple[int, int, str]]:
    """Yield label, index and path of each image; two images may still want the same path, two groups no folder."""
    titles, folders = _OwnNames(), _OwnNames()
    digits_of_nr = len(str(max(final.groups.numbers, default=0) + 1))
    digits_of_i = len(str(max(map(len, members.values()), default=0)))
    for label, indices in members.items():
        values = {"group": str(titles.name(label, safe_name(final.title(label))))}
        values["nr"] = str(max(final.number(label), 0)).zfill(digits_of_nr)
        for number, index in enumerate(indices, start=1):
            path = safe_path(final.images[index].path)
            values |= {"path": str(path), "name": path.name, "stem": path.stem, "ext": path.suffix}
            values["i"] = str(number).zfill(digits_of_i)
            yield label, index, _with_own_folder(label, values, scheme, folders)


def _with_own_folder(label: int, values: Mapping[str, str], scheme: Scheme, folders: "_OwnNames") -> str:
    """Return the path that a picture is to have; a folder that is named by the group is that group's alone."""
    path, before = _settled(scheme.fill(values)), scheme.before_group(values)
    if before is None:
        return str(path)
    n_above = sum(part not in ("", ".", "..") for part in before.split("/")[:-1])
    folder, within = path.parts[: n_above + 1], path.parts[n_above + 1 :]
    return str(folders.name(label, "/".join(folder)).joinpath(*within)) if within else str(path)


class _OwnNames:
    """Gives names to groups; no two of them have one in common, not even where some system takes two for one."""

    def __init__(self) -> None:
        self._owner: dict[str, int] = {}
        self._given: dict[tuple[int, str], PurePosixPath] = {}
        self._numbers: dict[str, int] = {}  # a thousand groups of one name are not all tried for the last of them

    def name(self, label: int, wanted: str) -> PurePosixPath:
        """Return the name, or folder, that a group gets for one that it wants: each time the same."""
        path = _settled(wanted)
        key = name_key(path)
        if (label, key) not in self._given:
            number = self._numbers.get(key, 1)
            while self._owner.setdefault(name_key(name := _numbered(path, number)), label) != label:
                number += 1
            self._numbers[key], self._given[label, key] = number, name
        return self._given[label, key]


def _numbered(path: PurePosixPath, number: int) -> PurePosixPath:
    """Return a path with " (2)" at its end, which it has not lost when it is made safe once more."""
    if number == 1:
        return path
    stem, mark = path.name, f" ({number})"
    while safe_name(stem + mark) != stem + mark:
        stem = stem[:-1]
    return path.with_name(stem + mark)


def _settled(path: str) -> PurePosixPath:
    """Return a safe path that stays as it is when it is made safe once more: once may add a "_", and cut then."""
    return safe_path(str(safe_path(path)))


class _Present:
    """Whether pictures are still there; a ZIP file of thousands is looked at once."""

    def __init__(self) -> None:
        self._archives: dict[Path, str | None] = {}

    def problem(self, image: ImageFile) -> str | None:
        if image.member is None:
            return _problem(image.source)
        if image.source not in self._archives:
            self._archives[image.source] = _problem(image.source)
        return self._archives[image.source]


def _problem(path: Path) -> str | None:
    try:
        return None if S_ISREG(path.stat().st_mode) else "this is not an ordinary file"
    except OSError as error:
        return file_problem(error)
