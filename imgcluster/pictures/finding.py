"""Find the pictures in a folder, a ZIP file or a list of paths, and say which cannot be used and why.

Nothing is written, moved or extracted. What is found is in natural order of the shown paths (img2 before img10).
Two files of one name in different folders are two images.

Links: a link inside the folder to a picture inside the folder is that picture once more, so it is left out, unless
its target is not found by itself (it is hidden, or has no picture's extension). Links to folders are not followed.
Links that lead out of the folder, in a circle or nowhere are listed with the reason.
"""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISLNK, S_ISREG

from natsort import natsort_keygen

from imgcluster.errors import ArchiveError, FolderError, NoImagesError, UnreadableImageError
from imgcluster.pictures.archives import ZipLimits, is_hidden, member_path, member_problem, zip_members
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.pictures.formats import MAX_PIXELS, UNSUPPORTED, picture_suffixes
from imgcluster.pictures.home import expanded
from imgcluster.pictures.opening import check_header, file_problem
from imgcluster.pictures.remote import address_name, is_address, remote_files
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["ZipLimits", "check_headers", "find_images", "is_single_file", "leads_elsewhere"]

_ZIP_SUFFIXES = frozenset({".zip", ".cbz"})
_WINDOWS_JUNCTION = 0xA0000003  # stat.IO_REPARSE_TAG_MOUNT_POINT, which other systems do not define
_WINDOWS_HIDDEN = 0x2

_natural_key = natsort_keygen()

_Found = ImageFile | SkippedImage


def find_images(
    source: str | Path | Sequence[str | Path],
    *,
    recursive: bool = True,
    limits: ZipLimits | None = None,
    remote: bool = False,
) -> Collection:
    """Find the pictures in a folder, a ZIP file or a list of paths. Quick: no file is opened.

    Parameters
    ----------
    source : str, Path or sequence of them
        A folder, a ZIP file (read in place, never extracted), or the pictures themselves. Of a list every path is
        taken, whatever its extension.
    recursive : bool
        Search the folder's subfolders too.
    limits : ZipLimits, optional
        How much a ZIP file may hold.
    remote : bool, default False
        Whether the source may also be an address such as "s3://bucket/photos", which is fetched from; see
        `imgcluster.pictures.remote`. Only for one that the user wrote, never for one out of a file or a web address.

    Returns
    -------
    Collection
        Without images only if something was skipped; the reasons are in it.

    Raises
    ------
    FolderError
        There is no such folder, it cannot be read, or it is a file.
    ArchiveError
        The ZIP file is damaged, protected by a password, or larger than allowed.
    NoImagesError
        There is nothing that looks like a picture.
    ParameterError
        It begins with "~" and the name of no user.
    """
    if not isinstance(source, str | Path):
        return _collection("your list", _listed_files([expanded(path) for path in source]))
    if remote and is_address(source):
        return _collection(address_name(source), remote_files(source))
    path = expanded(source)
    try:
        is_folder = S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FolderError(
            f"The folder {_shown(path)} cannot be opened: there is no such folder, or no permission to read it.",
            hint="Check the spelling, and that the disk or network drive is connected.",
        ) from error
    if is_folder:
        return _collection(
            _shown(Path(path.resolve().name or path)), _folder_files(path.resolve(), recursive=recursive)
        )
    if path.suffix.lower() in _ZIP_SUFFIXES:
        return _collection(_shown(Path(path.name)), _archive_files(path.resolve(), limits=limits or ZipLimits()))
    raise FolderError(
        f"{_shown(path)} is a file, not a folder.", hint="Choose the folder that it is in, or a ZIP file of pictures."
    )


def is_single_file(location: str | Path) -> bool:
    """Whether a place is a file that `find_images` takes in a list only: neither a folder nor a ZIP file."""
    path = expanded(location)
    return path.suffix.lower() not in _ZIP_SUFFIXES and path.is_file()


def leads_elsewhere(status: os.stat_result) -> bool:
    """Whether what `Path.lstat` found is a link, or what Windows calls a junction."""
    return S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _WINDOWS_JUNCTION


def check_headers(
    collection: Collection,
    *,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Collection:
    """Open the header of every image, and move those that cannot be used to the skipped ones.

    Finds what is no picture, what is too large and what may not be read, at some thousand files a second. Files that
    are damaged further inside show themselves only when they are decoded.

    Parameters
    ----------
    collection : Collection
    max_pixels : int
        Largest width x height that is accepted.
    progress : callable, optional
        Called after every image.
    cancel : threading.Event, optional

    Returns
    -------
    Collection
        Possibly without any image left.

    Raises
    ------
    Cancelled
    """

    def problem(image: ImageFile) -> str | None:
        raise_if_cancelled(cancel)
        try:
            check_header(image, max_pixels=max_pixels)
        except UnreadableImageError as error:
            return str(error)
        return None

    begun = time.monotonic()
    images: list[ImageFile] = []
    skipped = list(collection.skipped)
    with ThreadPoolExecutor(min(16, 4 * (os.cpu_count() or 1))) as pool:
        reasons = pool.map(problem, collection.images)
        for done, (image, reason) in enumerate(zip(collection.images, reasons, strict=True), start=1):
            if reason is None:
                images.append(image)
            else:
                skipped.append(SkippedImage(path=image.path, reason=reason))
            if progress is not None:
                seconds = time.monotonic() - begun
                progress(
                    Progress(
                        stage="Looking at the pictures",
                        done=done,
                        total=len(collection),
                        current=image.path,
                        seconds=seconds,
                    )
                )
    return Collection(name=collection.name, images=tuple(images), skipped=tuple(sorted(skipped, key=_order)))


def _collection(name: str, found: Iterable[_Found]) -> Collection:
    """Sort what was found and give every image a path of its own."""
    ordered = sorted(found, key=_order)
    images = tuple(_unique_paths(item for item in ordered if isinstance(item, ImageFile)))
    skipped = tuple(item for item in ordered if isinstance(item, SkippedImage))
    if not images and not skipped:
        raise NoImagesError(
            f"There are no pictures in {name}.",
            hint="Choose another folder; JPEG, PNG, HEIC and many others are opened.",
        )
    return Collection(name=name, images=images, skipped=skipped)


def _order(item: _Found) -> tuple:
    # Names that differ only in what cannot be shown still have a fixed order.
    return _natural_key(item.path), item.path, os.fsencode(item.source) if isinstance(item, ImageFile) else b""


def _unique_paths(images: Iterable[ImageFile]) -> Iterator[ImageFile]:
    """Number the shown paths that two files would share: names that are not UTF-8, or cleaned ones in a ZIP file."""
    used: set[str] = set()
    for image in images:
        path, number = image.path, 1
        suffix = PurePosixPath(image.path).suffix
        stem = image.path.removesuffix(suffix)
        while path in used:
            number += 1
            path = f"{stem} ({number}){suffix}"
        used.add(path)
        yield replace(image, path=path) if path != image.path else image


def _folder_files(root: Path, *, recursive: bool) -> list[_Found]:
    links: list[str] = []
    found = list(_walk(root, recursive=recursive, links=links))
    taken = {str(item.source) for item in found if isinstance(item, ImageFile)}
    for relative in sorted(links, key=os.fsencode):
        item, target = _linked(root, relative)
        if item is not None and target not in taken:
            found.append(item)
            taken.add(target)
    return found


def _walk(root: Path, *, recursive: bool, links: list[str]) -> Iterator[_Found]:
    """Yield what is in the folder, links aside; their relative paths are added to `links`."""
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as entries:
                listed = list(entries)
        except OSError as error:
            if not folder:
                raise FolderError(
                    f"The folder {_shown(root)} cannot be opened: {file_problem(error)}.",
                    hint="Choose a folder that you may read.",
                ) from error
            yield SkippedImage(path=_shown(folder), reason=f"folder not searched: {file_problem(error)}")
            continue
        for entry in listed:
            relative = f"{folder}/{entry.name}" if folder else entry.name
            try:
                status = entry.stat(follow_symlinks=False)
                if is_hidden(entry.name) or getattr(status, "st_file_attributes", 0) & _WINDOWS_HIDDEN:
                    continue
                if leads_elsewhere(status):
                    links.append(relative)
                    continue
            except OSError as error:
                if _suffix(relative) in picture_suffixes():
                    yield SkippedImage(path=_shown(relative), reason=file_problem(error))
                continue
            if S_ISDIR(status.st_mode) and recursive:
                pending.append(relative)
            item = _candidate(relative, root / relative, status)
            if item is not None:
                yield item


def _linked(root: Path, relative: str) -> tuple[_Found | None, str]:
    """Return what a link stands for, None where it is nothing of interest, and the file that it leads to."""
    shown, is_picture = _shown(relative), _suffix(relative) in picture_suffixes()
    try:
        target = Path(os.path.realpath(root / relative, strict=True))
        status = target.stat()
    except OSError as error:
        reason = "a link to a file that is not there" if isinstance(error, FileNotFoundError) else file_problem(error)
        return (SkippedImage(path=shown, reason=reason) if is_picture else None), shown
    is_folder = S_ISDIR(status.st_mode)
    if not target.is_relative_to(root) and (is_folder or is_picture):
        return SkippedImage(path=shown, reason="a link that leads out of the folder is not followed"), shown
    if is_folder or not is_picture:
        return None, shown
    return _candidate(relative, target, status), str(target)


def _candidate(relative: str, path: Path, status: os.stat_result, *, any_suffix: bool = False) -> _Found | None:
    """Judge one file by its name and status; None where it is nothing of interest."""
    suffix, shown = _suffix(relative), _shown(relative)
    if suffix in UNSUPPORTED and S_ISREG(status.st_mode):
        return SkippedImage(path=shown, reason=UNSUPPORTED[suffix])
    if not any_suffix and suffix not in picture_suffixes():
        return None
    if S_ISDIR(status.st_mode):
        return SkippedImage(path=shown, reason="this is a folder, not a picture")
    if not S_ISREG(status.st_mode):
        return SkippedImage(path=shown, reason="this is not an ordinary file")
    if status.st_size == 0:
        return SkippedImage(path=shown, reason="the file is empty")
    return ImageFile(path=shown, source=path, size=status.st_size, mtime_ns=status.st_mtime_ns)


def _listed_files(paths: Sequence[Path]) -> Iterator[_Found]:
    """Yield the files of a list, each once; their shown paths begin below the folder that they have in common."""
    absolute = list(dict.fromkeys(Path(os.path.abspath(path)) for path in paths))  # noqa: PTH100  (keeps links)
    root = _common_folder(absolute)
    seen: set[str] = set()
    for path in absolute:
        relative = path.relative_to(root).as_posix() if root is not None else path.as_posix()
        try:
            target = os.path.realpath(path, strict=True)
            item = _candidate(relative, path, path.stat(), any_suffix=True)
        except (OSError, ValueError) as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError | ValueError)
            reason = "there is no such file" if missing else file_problem(error)
            yield SkippedImage(path=_shown(relative), reason=reason)
            continue
        if target not in seen and item is not None:
            seen.add(target)
            yield item


def _common_folder(paths: Sequence[Path]) -> Path | None:
    try:
        return Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # on two drives, or none at all
        return None


def _archive_files(path: Path, *, limits: ZipLimits) -> list[_Found]:
    entries = zip_members(path, limits=limits)
    mtime_ns = path.stat().st_mtime_ns
    last = {entry.filename: entry for entry in entries}
    found: list[_Found] = []
    for entry in entries:
        shown = member_path(entry)
        if any(map(is_hidden, shown.split("/"))) or _suffix(shown) not in picture_suffixes() | UNSUPPORTED.keys():
            continue
        problem = UNSUPPORTED.get(_suffix(shown)) or member_problem(entry, limits=limits)
        if last[entry.filename] is not entry:
            problem = "a later file in the ZIP file has the same name"
        if problem is None:
            size = entry.file_size
            found.append(ImageFile(path=shown, source=path, member=entry.filename, size=size, mtime_ns=mtime_ns))
        else:
            found.append(SkippedImage(path=shown, reason=problem))
    if found and all(isinstance(item, SkippedImage) and "password" in item.reason for item in found):
        raise ArchiveError(
            f"The ZIP file {_shown(path.name)} is protected by a password.",
            hint="Unpack it with its password and choose the folder.",
        )
    return found


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _shown(path: str | Path) -> str:
    """Return a path as valid text with "/": what is not UTF-8 becomes the replacement character."""
    return os.fsencode(Path(path).as_posix()).decode("utf-8", "replace")
