"""The one place that imports Keras and TensorFlow: seconds of time, hundreds of megabytes, and a noisy start."""

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from imgcluster.errors import ExtractorError

__all__ = ["import_keras"]

# What TensorFlow's C++ part writes before its log level counts: "I0000 00:00:1795356338.79 6792 port.cc:153] ...".
_NOISE = re.compile(rb"WARNING: All log messages before absl::InitializeLog|[IW]0000 |\d{4}-\d\d-\d\d [\d:.]+: [IW] ")


@contextlib.contextmanager
def _without_noise() -> Iterator[None]:
    """Hold back what is written to the standard error stream, then let through all but TensorFlow's start-up lines.

    TF_CPP_MIN_LOG_LEVEL does not reach the lines that are written before logging is set up (TensorFlow issue 100442).
    """
    try:
        sys.stderr.flush()
        original = os.dup(2)
    except (OSError, AttributeError, ValueError):  # started without a console, by a double click
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            held.seek(0)
            os.write(original, b"".join(line for line in held if not _NOISE.match(line)))
            os.close(original)


def import_keras() -> Any:
    """Import Keras on TensorFlow.

    Raises
    ------
    ExtractorError
        TensorFlow is not installed or cannot be loaded on this computer.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    try:
        with _without_noise():
            import keras
    except ImportError as error:
        raise ExtractorError(
            "TensorFlow, which runs the network, cannot be loaded.", hint="Install it with: pip install tensorflow"
        ) from error
    # Streamlit calls this whenever a page has run. It would reset, in the middle of it, what another thread builds.
    keras.backend.clear_session = lambda: None
    return keras
