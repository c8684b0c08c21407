"""No two groups share a folder, however long and however alike their names are."""

from collections import defaultdict
from pathlib import PurePosixPath

import pytest
from exported_groups import grouped, write_pictures
from hypothesis import given
from hypothesis import strategies as st

from imgcluster.keeping.exporting.plan import plan_export
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.names import name_key, safe_name, safe_path

LONG = "Summer holidays in the mountains, with everybody, " * 5
NAMES = [LONG, LONG, f"{LONG}2025", "🐺" * 60, f"{'🐺' * 60}!", f".{'a' * 179}b", f".{'a' * 179}c", f"{LONG} (2)"]
SCHEMES = [
    "{group}/{name}",
    "{group}/{path}",
    "{nr}_{group}/{name}",
    f"{'x' * 150}{{group}}/{{name}}",
    f"{'x' * 185}{{nr}}/{{name}}",
    "a/{group} {stem}/{name}",
    "{stem}{group}/{i}{ext}",
    "./{group}{path}",
]


def collection(tmp_path, n_images, name="a.jpg"):
    one = write_pictures(tmp_path / "pictures", [name])
    return Collection(name="many", images=one.images * n_images)


def folders_by_group(plan, labels):
    """Return the folders, as a system that minds no capitals knows them, of each group's pictures."""
    found = defaultdict(set)
    for file in plan.files:
        found[labels[file.index]].update(map(name_key, PurePosixPath(file.path).parents))
    return found


@pytest.mark.parametrize("name", ["a.jpg", f"{'s' * 190}.jpg", "sub/a.jpg"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_long_names_have_folders_of_their_own(tmp_path, scheme, name):
    labels = [*range(len(NAMES))] * 2
    plan = plan_export(grouped(collection(tmp_path, len(labels), name), labels, NAMES), scheme=scheme)
    lowest = defaultdict(set)
    for file in plan.files:
        lowest[name_key(PurePosixPath(file.path).parent)].add(labels[file.index])
    lowest.pop(".", None)  # where the scheme makes no folder of such a name
    assert all(len(groups) == 1 for groups in lowest.values())
    assert len({file.path.casefold() for file in plan.files}) == len(labels)
    for file in plan.files:
        for part in PurePosixPath(file.path).parts[:-1]:
            assert safe_name(part) == part and len(part.encode()) <= 180


def test_pictures_of_one_group_stay_together(tmp_path):
    labels = [*range(len(NAMES))] * 2
    plan = plan_export(grouped(collection(tmp_path, len(labels)), labels, NAMES))
    assert all(len(folders) == 2 for folders in folders_by_group(plan, labels).values())  # with the one above
    assert plan.n_numbered == len(NAMES)


def test_many_groups_of_one_name_are_planned_in_linear_time(tmp_path):
    labels = [*range(2_000)]
    plan = plan_export(grouped(collection(tmp_path, 2_000), labels, ["Dogs"] * 2_000), scheme="{group}/{name}")
    assert plan.files[-1].path == "Dogs (2000)/a.jpg"


@given(st.text(max_size=300))
def test_a_safe_path_is_settled_after_the_second_time(text):
    twice = safe_path(str(safe_path(text)))
    assert safe_path(str(twice)) == twice
