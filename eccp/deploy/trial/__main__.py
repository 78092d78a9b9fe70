"""``python -m eccp.deploy.trial [serving] [losses]``: proves on loopback what the operations page promises."""

import argparse
import os
import platform
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from eccp.deploy.trial import losses, serving
from eccp.deploy.trial.machines import TrialError

TRIALS = {"serving": serving.trial, "losses": losses.trial}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m eccp.deploy.trial", description=__doc__)
    parser.add_argument("trials", nargs="*", choices=[[], *TRIALS], default=[*TRIALS])
    parser.add_argument("--dump", type=Path, help="a registry.pgdump of manage.py backup; default: the fixtures")
    options = parser.parse_args()
    # Whoever ends the trial ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    now = datetime.now(UTC)
    print(f"{now:%Y-%m-%d %H:%M} UTC, {platform.platform()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for name in options.trials:
        begun = time.monotonic()

        def say(what: str, proved: str, begun=begun) -> None:
            print(f"[{time.monotonic() - begun:5.0f} s] {what}: {proved}", flush=True)

        try:
            TRIALS[name](say, options.dump)
        except TrialError as problem:
            print(f"FAILED: {problem}", file=sys.stderr)
            return 1
    print("All of it was proved.")
    return 0


sys.exit(main())
