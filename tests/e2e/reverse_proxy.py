"""A small reverse proxy: what hosting puts in front of the app. It rewrites the Host header and hides the visitor."""

import re
import socket
import threading
from contextlib import suppress

__all__ = ["ReverseProxy"]


class ReverseProxy:
    """Listen on `port` and hand every connection to the app, under another host name.

    Parameters
    ----------
    target : int
        The app's port on this computer.
    host : str
        What the app sees as the Host header.
    """

    def __init__(self, target: int, *, host: str) -> None:
        self._target = target
        self._headers = f"\r\nHost: {host}\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n".encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no further connections."""
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self._listener.accept()
                threading.Thread(target=self._join, args=(visitor,), daemon=True).start()

    def _join(self, visitor: socket.socket) -> None:
        """One request for each connection, so that no second head has to be found; a websocket lives on."""
        with suppress(OSError), visitor, socket.create_connection(("127.0.0.1", self._target)) as app:
            head = b""
            while b"\r\n\r\n" not in head:
                head += (more := visitor.recv(65536))
                if not more:
                    return
            head, _, body = head.partition(b"\r\n\r\n")
            head = re.sub(rb"(?i)\r\n(host|origin):[^\r]*", b"", head)
            if b"websocket" not in head.lower():
                head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head) + b"\r\nConnection: close"
            line, _, rest = head.partition(b"\r\n")
            app.sendall(line + self._headers + rest + b"\r\n\r\n" + body)
            threading.Thread(target=_pump, args=(visitor, app), daemon=True).start()
            _pump(app, visitor)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
