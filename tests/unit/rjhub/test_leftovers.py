"""What a crashed hub left running is ended, whatever it does meanwhile."""

from __future__ import annotations

import os
import subprocess

from rjhub import leftovers


def test_what_ends_by_itself_while_it_is_told_to_is_no_fault() -> None:
    process = subprocess.Popen(["true"])
    handle = os.pidfd_open(process.pid)
    process.wait()
    leftovers._terminate(handle, 1)
    os.close(handle)
