"""How the web server runs, here and in production.

The settings are imported, so that a wrong variable stops the start once and not in every worker.
"""

from pathlib import Path

from eccp.settings import LOG_LEVEL, PORT

wsgi_app = "eccp.wsgi:application"
bind = f"127.0.0.1:{PORT}"
worker_class = "gthread"
workers = 2
threads = 4
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
