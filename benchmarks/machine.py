"""What the figures were measured on."""

import importlib.metadata
import os
import platform
from pathlib import Path

__all__ = ["BUSY", "load", "machine"]

BUSY = 0.5
"""With so many runnable processes for each core, before a benchmark has begun, its figures say little."""

_PACKAGES = ("numpy", "scikit-learn", "faiss-cpu", "openvino", "tensorflow", "tensorflow-cpu", "streamlit")


def machine() -> str:
    """Return one sentence: system, processor, cores, memory, Python, and the versions of what does the work."""
    parts = [f"{platform.system()} {platform.machine()}", _processor(), f"{os.cpu_count()} cores"]
    if hasattr(os, "sysconf"):
        parts.append(f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB of memory")
    parts.append(f"Python {platform.python_version()}")
    for package in _PACKAGES:
        try:
            parts.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(filter(None, parts)) + "."


def load() -> float:
    """Return the mean number of runnable processes of the last minute; NaN on Windows."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
