"""What "~" stands for in a path that somebody typed."""

from pathlib import Path

from imgcluster.errors import ParameterError

__all__ = ["expanded"]


def expanded(path: str | Path) -> Path:
    """Return a path with the home directory in place of "~", or of "~name" at its beginning.

    Raises
    ------
    ParameterError
        There is no such user.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ParameterError(
            f"{path} cannot be found: there is no user of that name.",
            hint="Write the whole path, or put ./ before it where the name really begins with ~.",
        ) from error
