"""The list of what an export wrote, while it is still writing: each line before what it says is done."""

import contextlib
import json
import os
from dataclasses import asdict, replace
from pathlib import Path

from imgcluster.keeping.exporting.holding import hold
from imgcluster.keeping.exporting.manifest import (
    Manifest,
    WrittenFile,
    compact,
    find_manifests,
    header,
    manifest_path,
    to_json,
)
from imgcluster.keeping.exporting.placing import put_in_place
from imgcluster.pictures.collection import SkippedImage

__all__ = ["Journal"]


class Journal:
    """A journal, open for writing.

    What is noted survives the end of this process, however it comes. As long as the journal is open it is locked, so
    that nobody takes it for what a broken off export has left.

    Parameters
    ----------
    out : Path
        The folder that is exported to.
    manifest : Manifest
        Without files: what is known at the beginning.

    Raises
    ------
    OSError
    """

    def __init__(self, out: Path, manifest: Manifest) -> None:
        self._out, self._manifest = out, manifest
        self._files: list[WrittenFile] = []
        self._folders: list[str] = []
        self._skipped: list[SkippedImage] = []
        self._number = max((number for number, _ in find_manifests(out)), default=0) + 1
        while True:
            self.path = manifest_path(out, self._number, ".part")
            try:
                # Unbuffered: each line is the system's as soon as it is written.
                self._file = self.path.open("xb", buffering=0)
            except FileExistsError:  # another export into this folder began at the same time
                self._number += 1
                continue
            # An undo may have taken it for one that had been left, before it was locked.
            is_ours = hold(self._file.fileno()) and os.path.lexists(self.path)
            if is_ours and not os.path.lexists(manifest_path(out, self._number, ".json")):
                break
            self.close()
            if is_ours:  # the other export has even ended meanwhile
                self.path.unlink(missing_ok=True)
            self._number += 1
        try:
            self._write(header(manifest))
        except BaseException:
            self.close()
            self.path.unlink(missing_ok=True)
            raise

    @property
    def next_part(self) -> Path:
        """Where the next file is made before it gets its name."""
        return self._out / self._manifest.part_name(len(self._files))

    def will_make(self, folder: str) -> None:
        """Note a folder that is about to be made."""
        self._folders.append(folder)
        self._write({"folders": folder})

    def will_write(self, file: WrittenFile) -> None:
        """Note a file that is about to get its name."""
        self._files.append(file)
        self._write({"files": compact(file)})

    def not_made(self) -> None:
        """Take the last folder back: it came from somebody else meanwhile."""
        self._folders.pop()
        self._write({"not": "folders"})

    def not_written(self) -> None:
        """Take the last file back: its name was taken by somebody else meanwhile."""
        self._files.pop()
        self._write({"not": "files"})

    def skip(self, image: SkippedImage) -> None:
        """Note a picture that could not be read."""
        self._skipped.append(image)
        self._write({"skipped": asdict(image)})

    def finish(self) -> Manifest:
        """Put the manifest in the journal's place, and return it."""
        manifest = replace(
            self._manifest, files=tuple(self._files), folders=tuple(self._folders), skipped=tuple(self._skipped)
        )
        part = self.next_part
        with part.open("xb") as file:
            file.write(to_json(manifest).encode())
            file.flush()
            os.fsync(file.fileno())
        put_in_place(part, manifest_path(self._out, self._number, ".json"))  # the number is this export's alone
        self.close()
        with contextlib.suppress(OSError):  # the manifest says all that is in it
            self.path.unlink()
        return manifest

    def close(self) -> None:
        """Let the system have the file; it stays where it is."""
        self._file.close()

    def _write(self, line: object) -> None:
        data = memoryview(json.dumps(line).encode() + b"\n")
        while data:
            data = data[self._file.write(data) :]
