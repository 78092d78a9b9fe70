"""How the web server runs, here and in production.

The settings are imported, so that a wrong variable stops the start once and not in every worker.
"""

import gc
import os
import shutil
import socket
import tempfile
from pathlib import Path

from eccp.settings import FORWARDED_ALLOW_IPS, LISTEN_ON, LOG_LEVEL, METRICS_TOKEN, PORT, WEB_PROCESSES

wsgi_app = "eccp.wsgi:application"
bind = f"[{LISTEN_ON}]:{PORT}" if ":" in LISTEN_ON else f"{LISTEN_ON}:{PORT}"
# gunicorn itself reads this before .env is read.
forwarded_allow_ips = FORWARDED_ALLOW_IPS
worker_class = "gthread"
workers = WEB_PROCESSES
threads = 8
# A stalled disk must not look like a stalled worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, not a shared folder
# A long question is told by the registry what is wrong with it; beyond this the server itself refuses.
limit_request_line = 8190
errorlog = "-"
loglevel = LOG_LEVEL.lower()
# No access log: who read what is nobody's business, and the proxy in front keeps what operation needs.
accesslog = None
# Nothing here steers the server from outside but signals.
control_socket_disable = True
# Every process counts in files of its own, and whichever is asked for the metrics adds them up.
if METRICS_TOKEN and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="registry-metrics-")


def on_exit(server):
    """What was counted ends with the server."""
    if METRICS_TOKEN:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def when_ready(server):
    """A reader who takes no byte for a minute is let go: its thread is wanted. (A proxy in front reads at once.)"""
    for listener in server.LISTENERS:
        if listener.sock.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 60_000)


def post_worker_init(worker):
    """What has been imported stays: the collector, which holds up every thread, need not go through it ever again."""
    gc.collect()
    gc.freeze()


def child_exit(server, worker):
    """A process that has ended has nothing running any more."""
    if METRICS_TOKEN:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
