"""The dependency rule of the project, held by walking the imports; and how little is loaded at the start."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "imgcluster"
FOUNDATION = {"version", "errors", "progress", "cache", "palette", "jobs", "own_process", "backends", "wording"}
FOUNDATION |= {"threads"}
# Each stage may import those named here, and the foundation.
ALLOWED = {
    "pictures": set(),
    "extractors": {"pictures"},
    "features": {"pictures", "extractors"},
    "faces": {"pictures", "extractors"},
    "spaces": {"pictures", "features"},
    "maps": {"features", "spaces"},
    "grouping": {"pictures", "features", "spaces"},
    "choosing": {"pictures", "features", "spaces", "grouping"},
    "finding": {"pictures", "extractors", "features", "spaces", "grouping"},
    "predicting": {"pictures", "extractors", "features", "spaces", "grouping", "finding"},
    "editing": {"grouping"},
    "naming": {"pictures", "extractors", "features", "grouping", "finding", "editing"},
    "keeping": {
        "pictures",
        "extractors",
        "features",
        "spaces",
        "grouping",
        "choosing",
        "finding",
        "predicting",
        "editing",
    },
    "figures": {"spaces", "grouping", "choosing", "finding"},
    "reporting": {
        "pictures",
        "features",
        "spaces",
        "grouping",
        "choosing",
        "finding",
        "editing",
        "keeping",
        "figures",
    },
    "stages": {
        "pictures",
        "extractors",
        "features",
        "faces",
        "spaces",
        "maps",
        "grouping",
        "choosing",
        "finding",
        "predicting",
        "editing",
        "naming",
    },
    "results": {
        "pictures",
        "extractors",
        "features",
        "spaces",
        "grouping",
        "choosing",
        "finding",
        "predicting",
        "editing",
        "keeping",
    },
    "pipeline": {
        "pictures",
        "features",
        "spaces",
        "grouping",
        "choosing",
        "finding",
        "predicting",
        "keeping",
        "stages",
        "results",
    },
    "commands": {
        "pictures",
        "extractors",
        "features",
        "faces",
        "stages",
        "spaces",
        "maps",
        "grouping",
        "choosing",
        "finding",
        "predicting",
        "editing",
        "naming",
        "keeping",
        "reporting",
        "results",
        "pipeline",
    },
    "__main__": {"pictures", "extractors", "features", "spaces", "grouping", "pipeline", "commands"},
    "__init__": {"spaces", "grouping", "predicting", "keeping", "results", "pipeline"},
    "ui": {
        "pictures",
        "extractors",
        "features",
        "faces",
        "spaces",
        "maps",
        "grouping",
        "choosing",
        "finding",
        "predicting",
        "editing",
        "naming",
        "keeping",
        "reporting",
        "figures",
        "stages",
        "pipeline",
    },
}
ALLOWED |= {module: FOUNDATION - {module} for module in FOUNDATION}
SLOW = ("tensorflow", "keras", "umap", "openTSNE", "numba", "faiss", "sklearn", "fastcluster", "pillow_heif")
SLOW += ("streamlit", "plotly", "kneed", "skimage", "imagehash", "pywt", "mtcnn", "pandas", "pyarrow", "h5py")
SLOW += ("xlsxwriter", "openvino", "dask", "distributed", "fsspec", "threadpoolctl")
LONGEST_SCREEN, LONGEST_FILE = 120, 350


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def source_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


CORE = [path for path in source_files("imgcluster") if "ui" not in path.relative_to(PACKAGE).parts]
SCREENS = [*source_files("pages"), ROOT / "app.py"]
EVERYTHING = [*source_files("imgcluster", "pages", "tests", "benchmarks"), ROOT / "app.py"]


def imports(path: Path, *, everywhere: bool = True) -> Iterator[str]:
    """Give the modules that a file imports: anywhere in it, or only while it is itself imported."""
    pending: list[ast.AST] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}: imports are absolute here"
            yield node.module
            if node.module == "imgcluster":
                yield from (f"imgcluster.{alias.name}" for alias in node.names)
        elif not everywhere and (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_types(node)):
            continue
        pending.extend(ast.iter_child_nodes(node))


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def top_level(module: str) -> str:
    return module.split(".")[0]


def stage_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", CORE, ids=relative)
def test_core_does_without_streamlit(path):
    assert "streamlit" not in {top_level(module) for module in imports(path)}
    assert not [module for module in imports(path) if module.startswith("imgcluster.ui")]


@pytest.mark.parametrize("path", source_files("imgcluster"), ids=relative)
def test_stages_import_only_what_comes_before_them(path):
    stage = stage_of(path)
    names = {module.split(".")[1] for module in imports(path) if module.startswith("imgcluster.")}
    own = {"__version__", "ImageClusters", "ImageScan", "ImageTree", "ImgClusterError"}  # of imgcluster itself
    own |= {"MethodOptions", "SpaceOptions", "build_tree", "cluster_images", "open_collection", "scan_images"}
    own |= {"ClusterModel", "ImagePredictions", "load_model", "predict_images"}
    assert names - own - FOUNDATION - {stage} <= ALLOWED[stage]


def test_no_module_imports_itself_by_way_of_others():
    """A circle inside one stage would be as bad as one between stages."""
    graph = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): set(imports(path, everywhere=False))
        for path in source_files("imgcluster")
    }

    def visit(module: str, above: tuple[str, ...], done: set[str]) -> None:
        assert module not in above, " -> ".join((*above, module))
        if module in done:
            return
        for imported in graph.get(module, set()) & graph.keys():
            visit(imported, (*above, module), done)
        done.add(module)

    done: set[str] = set()
    for module in graph:
        visit(module, (), done)


@pytest.mark.parametrize("path", SCREENS, ids=relative)
def test_screens_hold_no_logic(path):
    """Layout only: no arrays, no caching, no files, no threads."""
    allowed = {"streamlit", "imgcluster", "pathlib"}
    assert {top_level(module) for module in imports(path)} <= allowed
    text = path.read_text(encoding="utf-8")
    assert "cache_data" not in text and "cache_resource" not in text
    assert len(text.splitlines()) <= LONGEST_SCREEN


@pytest.mark.parametrize("path", source_files("pages"), ids=relative)
def test_screens_begin_with_the_frame(path):
    """The first thing a page does: its address may be opened first."""
    first = next(
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    )
    assert ast.unparse(first) == "ensure_frame()"


def test_files_are_short():
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in EVERYTHING}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("path", CORE, ids=relative)
def test_slow_packages_are_imported_where_they_are_needed(path):
    assert not {top_level(module) for module in imports(path, everywhere=False)} & set(SLOW)


def loaded_by(script: str) -> set[str]:
    """Run a script in a process of its own and return those of the slow packages that it loaded."""
    script += f"\nimport sys; print('loaded:', *[name for name in {(*SLOW, 'scipy')!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())


def test_importing_the_package_loads_nothing():
    assert loaded_by("import imgcluster") == set()


@pytest.mark.parametrize("module", ["imgcluster.pipeline", "imgcluster.__main__"])
def test_importing_the_whole_way_loads_nothing_slow(module):
    assert loaded_by(f"import {module}") <= {"scipy"}


def test_the_digits_are_there_without_anything_slow():
    script = """
import os, tempfile
with tempfile.TemporaryDirectory() as os.environ["IMGCLUSTER_CACHE"]:
    from imgcluster.cache import Workspace
    from imgcluster.pipeline import open_collection
    from imgcluster.stages.looking import inspect_collection
    found = inspect_collection(open_collection("digits", sample=True), workspace=Workspace.default())
    assert len(found) == 1797
"""
    assert loaded_by(script) <= {"scipy", "pillow_heif"}


def test_the_first_map_of_few_pictures_needs_little():
    """What scikit-learn imports, pandas above all, takes longer than everything between vectors and map."""
    script = """
import numpy as np
from imgcluster.features.extraction import Features
from imgcluster.grouping.clustering import kmeans_series
from imgcluster.maps.layout import map_coordinates
from imgcluster.spaces.space import fit_space
rows = np.abs(np.random.default_rng(0).normal(size=(400, 64))).astype(np.float32)
hashes = tuple(f"{row:032x}" for row in range(len(rows)))
space = fit_space(Features(vectors=rows, hashes=hashes, extractor="none", fingerprint="rows"))
assert kmeans_series(space.coordinates, 30).shape == (30, len(rows))
assert map_coordinates(space, method="diffusion").shape == (len(rows), 2)
"""
    assert loaded_by(script) <= {"scipy", "faiss", "threadpoolctl"}


def test_the_public_names_are_there():
    import imgcluster

    assert all(getattr(imgcluster, name) for name in imgcluster.__all__)
    with pytest.raises(AttributeError, match="no_such_thing"):
        imgcluster.no_such_thing  # noqa: B018


def test_the_first_screen_loads_nothing_slow():
    script = """
import streamlit.runtime.context
from streamlit.testing.v1 import AppTest
streamlit.runtime.context._get_client_context = lambda: None  # no browser: nobody to refuse
app = AppTest.from_file("app.py", default_timeout=60).run()
assert not app.exception and app.title[0].value == "Find the groups in your pictures"
"""
    assert loaded_by(f"import imgcluster.ui.router\n{script}") <= {"streamlit", "plotly", "scipy"}
