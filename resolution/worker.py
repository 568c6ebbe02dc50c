"""Runs one function in a process of its own, so that Splink and DuckDB never hold up whoever is waiting.

`python -m resolution.worker` reads a pickled call from its input and writes the pickled answer. Unlike a process
pool it does not import the caller's main module, so that it works from any script, notebook or server.
"""

import importlib
import os
import pickle
import subprocess
import sys
from typing import Any

from graph.errors import ModelError


def run_apart(module: str, function: str, *arguments: Any) -> Any:
    """The answer of `module.function(*arguments)`, computed in another process; call it from a thread.

    Raises ModelError when that process failed; its traceback goes to the error output.
    """
    call = pickle.dumps((module, function, arguments), protocol=pickle.HIGHEST_PROTOCOL)
    # -P: a folder named like one of ours in the current folder is a stranger.
    command = [sys.executable, "-P", "-m", "resolution.worker"]
    done = subprocess.run(command, input=call, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise ModelError(
            f"Scoring stopped with exit code {done.returncode}; its own message stands above. "
            "A negative code means that it was killed, most often for lack of memory."
        )
    return pickle.loads(done.stdout)  # noqa: S301  (written by our own child process)


def main() -> None:
    """Answer one call."""
    # Whatever anybody prints, a Java process of ours too, goes to the error output.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    module, function, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301  (sent by our own parent process)
    answer = getattr(importlib.import_module(module), function)(*arguments)
    with answers:
        pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
