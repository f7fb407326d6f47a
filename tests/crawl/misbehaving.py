"""What processes of a crawl do in the tests when they do not do their work."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

from keysift.crawl.task import Began, Came, Desk, Event, Task
from keysift.store.records import Scanned


def work(_desk: Desk, task: Task) -> Iterator[Event]:
    """Do what the names of the files say: ``crash``, ``hang``, ``fault``; all else is fine."""
    for job in task.jobs:
        yield Began(job.number)
        name = job.file.artifact.name
        if name.startswith("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("hang"):
            signal.pause()
        if name.startswith("fault"):
            raise ValueError("a message that may hold a secret")
        yield Came(job.number, Scanned(files=1))
