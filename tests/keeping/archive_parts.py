"""Write files as the program does, take them apart, and put them together as it never would."""

import io
import json
import zipfile

import numpy as np
import pytest

from imgcluster.errors import ProjectError
from imgcluster.keeping.archive import read_archive, write_archive


def write(path, header=None, **arrays):
    write_archive(path, kind="model", version=1, header=header or {}, arrays=arrays)


def read(path, version=1):
    return read_archive(path, kind="model", version=version)


def refused(path, words="damaged"):
    """Return the sentence with which a file is refused."""
    with pytest.raises(ProjectError, match=words) as error:
        read(path)
    assert error.value.hint and "\n" not in str(error.value) and len(str(error.value)) < 400
    return str(error.value)


def taken_apart(path):
    """Return the manifest and the other members of a file."""
    with zipfile.ZipFile(path) as file:
        members = {info.filename: file.read(info) for info in file.infolist()}
    return json.loads(members.pop("manifest.json")), members


def put_together(path, manifest, members, **options):
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w", **options) as file:
        for name, data in [("manifest.json", text), *(members.items() if isinstance(members, dict) else members)]:
            info = zipfile.ZipInfo(name)
            info.compress_type = file.compression
            file.writestr(info, data)


def npy(array, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), version=version)
    return file.getvalue()
