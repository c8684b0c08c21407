"""What can go wrong, in one sentence each, with a hint on what to do next.

Every error is an `ImgClusterError` and also the builtin that a Python programmer would expect.
"""

__all__ = [
    "ArchiveError",
    "Cancelled",
    "ExtractorError",
    "FolderError",
    "ImgClusterError",
    "NoImagesError",
    "ParameterError",
    "ProjectError",
    "StoreError",
    "UnreadableImageError",
]


class ImgClusterError(Exception):
    """Base of all errors that this package raises on purpose.

    Parameters
    ----------
    message : str
        One plain sentence that says what is wrong, with the number where there is one.
    hint : str, default ""
        One plain sentence that says what to do next.

    Attributes
    ----------
    hint : str
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class FolderError(ImgClusterError, FileNotFoundError):
    """The folder, ZIP file or list of paths cannot be opened."""


class NoImagesError(ImgClusterError, ValueError):
    """There is nothing to cluster: no usable image was found."""


class ArchiveError(ImgClusterError, ValueError):
    """A ZIP file is damaged, encrypted, or larger than allowed."""


class UnreadableImageError(ImgClusterError, OSError):
    """One image cannot be used; the message is the reason that the list of skipped images shows."""


class ParameterError(ImgClusterError, ValueError):
    """An option has a value that makes no sense for these data."""


class ExtractorError(ImgClusterError, RuntimeError):
    """A feature extractor is unknown, or its package or weights are missing or damaged."""


class StoreError(ImgClusterError, RuntimeError):
    """The store of features and thumbnails cannot be read or written."""


class ProjectError(ImgClusterError, ValueError):
    """A file that a model or a project is kept in is damaged, of another version, or made to do harm."""


class Cancelled(ImgClusterError):  # noqa: N818  (the user's wish is not an error)
    """The user stopped the work; what was finished is kept."""
