"""A lock on a file that is open, which the system takes away when the process ends, however it ends."""

import os

__all__ = ["hold"]

if os.name == "nt":
    import msvcrt

    _FAR_BEHIND = 2**31 - 2  # nobody else may read the byte that is locked on Windows, so it is none of the file's

    def _lock(descriptor: int) -> None:
        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _FAR_BEHIND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, position, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def hold(descriptor: int) -> bool:
    """Lock an open file until it is closed; False where it is locked already, in another process or in this one.

    Parameters
    ----------
    descriptor : int
        Of the file, open for writing.
    """
    try:
        _lock(descriptor)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a disk that knows no locks: there everybody has it
        return True
    return True
