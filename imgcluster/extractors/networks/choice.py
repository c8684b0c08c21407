"""What was found to suit a network on this kind of processor, kept beside the converted network."""

import contextlib
import functools
import hashlib
import json
import os
import platform
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["FLOAT32", "Choice", "read_choice", "write_choice"]

FLOAT32 = "f32"
"""The precision of vectors that TensorFlow makes, and the finest of OpenVINO's."""

_FILE = "choice-{}.json"
# What /proc/cpuinfo says of a processor: the first two on x86, the others on ARM.
_FACTS = ("model name", "flags", "Features", "CPU implementer", "CPU part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What runs a network, and how.

    Attributes
    ----------
    framework : {"openvino", "tensorflow"}
    precision, device : str
        See `imgcluster.extractors.networks.openvino_network.OpenVinoNetwork`.
    cosine : float
        The lowest of the probes, from -1 to 1.
    version : str
        Of OpenVINO; another one may choose otherwise.
    """

    framework: str
    precision: str = FLOAT32
    device: str = "CPU"
    cosine: float = 1.0
    version: str = ""


def read_choice(directory: Path) -> Choice | None:
    """Return what was chosen on this kind of processor, None where nothing was or it cannot be read."""
    try:
        choice = Choice(**json.loads((directory / _FILE.format(_processor())).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return choice if all(isinstance(text, str) for text in (choice.precision, choice.device)) else None


def write_choice(directory: Path, choice: Choice) -> None:
    """Keep a choice; where that is impossible it is made again the next time."""
    path = directory / _FILE.format(_processor())
    unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    with contextlib.suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(asdict(choice)))
        unfinished.replace(path)


@functools.cache
def _processor() -> str:
    """Return digits that stand for the kind of processor: a cache may be shared by computers of several kinds."""
    words = [platform.machine(), platform.processor()]
    with contextlib.suppress(OSError):  # not Linux
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        words += [next((line for line in lines if line.startswith(fact)), "") for fact in _FACTS]
    return hashlib.blake2b("\n".join(words).encode(), digest_size=6).hexdigest()
