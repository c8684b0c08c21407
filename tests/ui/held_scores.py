"""Stands before the function that scores one k, in the tests of the screens that show the scores."""

import threading

from imgcluster.choosing import scan


class HeldScores:
    """Note which k were computed, hold the work back after `last` until `go` is set, raise `error` if there is one."""

    def __init__(self, monkeypatch):
        self.computed, self.last, self.error = [], 10_000, None
        self.go, self.waiting = threading.Event(), threading.Event()
        real = scan.score_k

        def score(data, labels, k):
            if k > self.last:
                self.waiting.set()
                self.go.wait(20)
            if self.error is not None:
                raise self.error
            self.computed.append(k)
            return real(data, labels, k)

        monkeypatch.setattr(scan, "score_k", score)
