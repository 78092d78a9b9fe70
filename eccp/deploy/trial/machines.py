"""The machines of the trial: PostgreSQL with a hot standby, Redis, two web servers and nginx, all on loopback."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NAME = "registry.example.eu"
POSTGRES = Path("/usr/lib/postgresql/15/bin")
STARTS_WITHIN = 180  # seconds


class TrialError(Exception):
    """Something that should hold does not."""


def run(*command, **options) -> str:
    """Run a program to its end; what it wrote."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise TrialError(f"{' '.join(map(str, command))} failed ({done.returncode}): {done.stderr.strip()[-1500:]}")
    return done.stdout


def until(holds: Callable[[], object], what: str, within: float = STARTS_WITHIN) -> float:
    """Wait until something holds; how many seconds it took."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > within:
            raise TrialError(f"not within {within:.0f} seconds: {what}")
        time.sleep(0.1)
    return time.monotonic() - begun


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _seconds_of(pid: int) -> float:
    """How long a process and its children have had a core."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    own = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(_seconds_of, map(int, children)))


class Database:
    """One PostgreSQL server of Debian's packages, as the account that owns it."""

    def __init__(self, site: "Site", name: str, folder: Path | None = None):
        self.site, self.name, self.port = site, name, free_port()
        self.data = (folder or site.folder) / name
        self.log = site.folder / f"{name}.log"
        self.url = f"postgresql://postgres:{site.password}@127.0.0.1:{self.port}/registry"

    def make(self) -> None:
        """An empty cluster and the database of the registry."""
        self._own_folder()
        secret = self.site.folder / f"{self.name}.secret"
        secret.write_text(self.site.password, encoding="utf-8")
        shutil.chown(secret, *self.site.account)
        self._as_owner(
            "initdb", "-D", self.data, "-U", "postgres", f"--pwfile={secret}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        with (self.data / "pg_hba.conf").open("a", encoding="utf-8") as file:
            file.write("host replication postgres 127.0.0.1/32 scram-sha-256\n")
        self.start()
        self.sql("CREATE DATABASE registry", database="postgres")

    def follow(self, primary: "Database") -> None:
        """A hot standby of ``primary``."""
        self._own_folder()
        self._as_owner(
            "pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast",
            "-d", f"host=127.0.0.1 port={primary.port} user=postgres password={self.site.password}",
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        given = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= -c wal_level=replica "
            "-c hot_standby=on -c hot_standby_feedback=on -c max_connections=60 -c max_wal_size=64MB"
        )
        self._as_owner("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", STARTS_WITHIN, "-o", given, "start")

    def stop(self, mode: str = "fast") -> None:
        self._as_owner("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def promote(self) -> None:
        self._as_owner("pg_ctl", "-D", self.data, "-w", "promote")

    def sql(self, statement: str, database: str = "registry") -> str:
        """Ask the server; the one value, or nothing."""
        address = ["-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", database]
        environment = os.environ | {"PGPASSWORD": self.site.password}
        return run(POSTGRES / "psql", *address, "-XAtqc", statement, env=environment).strip()

    def _own_folder(self) -> None:
        self.data.mkdir(mode=0o700)
        self.log.touch()
        for path in (self.data, self.log):
            shutil.chown(path, *self.site.account)

    def _as_owner(self, program: str, *arguments) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        # A server that goes on must not hold the pipe of this process: what it says is in its log.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [*prefix, str(POSTGRES / program), *map(str, arguments)],
                cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False,
            )  # fmt: skip
            said.seek(0)
            if done.returncode:
                raise TrialError(f"{program} of {self.name} failed: {said.read().decode()[-1500:]}")


class Site:
    """Everything in one folder, which is removed at the end."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="registry-trial-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.account = ("postgres", "postgres") if os.geteuid() == 0 else (os.getuid(), os.getgid())
        self.password = secrets.token_urlsafe(24)
        self.primary, self.standby = Database(self, "primary"), Database(self, "standby")
        self.redis_port, self.tls_port, self.http_port = free_port(), free_port(), free_port()
        self.web_ports = [free_port(), free_port()]
        self.running: dict[str, subprocess.Popen] = {}
        self.environment = os.environ | {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "SITE_URL": f"https://{NAME}",
            "PROXIES_IN_FRONT": "1",
            "ALLOWED_HOSTS": f"{NAME},127.0.0.1",
            "DATABASE_URL": self.primary.url,
            "DATABASE_REPLICA_URLS": "",
            "CACHE_URL": "locmem://",
            "PYTHONUTF8": "1",
        }

    def manage(self, *arguments, **environment) -> str:
        """Run a command of the project."""
        return run(sys.executable, "manage.py", *arguments, cwd=ROOT, env=self.environment | environment)

    def python(self, source: str, **environment) -> str:
        """Run statements in the project's shell."""
        return self.manage("shell", "--verbosity=0", "-c", source, **environment).strip()

    def fill(self, database: Database, dump: Path | None = None) -> None:
        """The project's own data, or those of a dump that ``manage.py backup`` made."""
        if dump:
            address = ["-h", "127.0.0.1", "-p", database.port, "-U", "postgres", "-d", "registry"]
            environment = os.environ | {"PGPASSWORD": self.password}
            run(POSTGRES / "pg_restore", "--no-owner", *address, dump, env=environment)
        self.manage("migrate", "--verbosity=0", DATABASE_URL=database.url)
        if not dump:
            self.manage("load_fixtures", "--verbosity=0", DATABASE_URL=database.url)

    def begin(self, name: str, *command, environment: dict | None = None) -> subprocess.Popen:
        """Start a program that goes on; its words are in ``name``.log."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=environment or self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self.running[name]

    def end(self, name: str, by: signal.Signals = signal.SIGTERM) -> int:
        """End a program; its exit code."""
        program = self.running.pop(name)
        program.send_signal(by)
        return program.wait(timeout=45)

    def answers(self, name: str, port: int) -> None:
        """Wait until a program answers; what it said if it does not."""
        program = self.running[name]
        until(lambda: is_open(port) or program.poll() is not None, f"{name} answers")
        if program.poll() is not None:
            raise TrialError(f"{name} did not start: {self.log(name)[-1500:]}")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def processor_seconds(self) -> dict[str, float]:
        """How long the processes of each tier have had a core."""
        databases = [database for database in (self.primary, self.standby) if database.data.exists()]
        tiers = {
            "nginx": [self.running["nginx"].pid],
            "web": [self.running[name].pid for name in ("web0", "web1")],
            "PostgreSQL": [int((one.data / "postmaster.pid").read_text("utf-8").split()[0]) for one in databases],
        }
        return {name: sum(map(_seconds_of, pids)) for name, pids in tiers.items()}

    def start_redis(self) -> None:
        given = ["--port", self.redis_port, "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        self.begin("redis", "redis-server", *given)
        self.answers("redis", self.redis_port)

    def start_web(self, number: int) -> None:
        port = self.web_ports[number]
        environment = self.environment | {"PORT": str(port)}
        config = ["--config", "eccp/gunicorn.py", "--pid", self.folder / f"web{number}.pid"]
        self.begin(f"web{number}", sys.executable, "-m", "gunicorn", *config, environment=environment)
        self.answers(f"web{number}", port)

    def start_nginx(self) -> None:
        """nginx with the very file of this folder, its ports and paths replaced."""
        for name in ("cache", "temp", "tls"):
            (self.folder / name).mkdir(exist_ok=True)
        if os.geteuid() == 0:
            for name in ("cache", "temp"):
                shutil.chown(self.folder / name, "www-data", "www-data")
        run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
            "-keyout", self.folder / "tls/privkey.pem", "-out", self.folder / "tls/fullchain.pem",
        )  # fmt: skip
        text = (ROOT / "eccp/deploy/nginx.conf").read_text(encoding="utf-8")
        for pattern, replacement in (
            ("/var/cache/nginx/registry", f"{self.folder}/cache"),
            ("/etc/nginx/registry-generation.conf", f"{self.folder}/generation.conf"),
            ("/etc/ssl/registry", f"{self.folder}/tls"),
            (r"listen 443", f"listen 127.0.0.1:{self.tls_port}"),
            (r"listen 80\b", f"listen 127.0.0.1:{self.http_port}"),
            ("127.0.0.1:8000", f"127.0.0.1:{self.web_ports[0]}"),
            ("127.0.0.1:8001", f"127.0.0.1:{self.web_ports[1]}"),
        ):
            text = re.sub(pattern, replacement, text)
        (self.folder / "registry.conf").write_text(text, encoding="utf-8")
        (self.folder / "generation.conf").write_text('map $host $registry_generation { default "0"; }\n', "utf-8")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temps = "".join(f"{kind}_temp_path {self.folder}/temp/{kind};\n" for kind in kinds)
        user = "user www-data;\n" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user}worker_processes 2;\npid {self.folder}/nginx.pid;\nerror_log {self.folder}/nginx-error.log;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{\naccess_log off;\n{temps}"
            f"include /etc/nginx/mime.types;\ninclude {self.folder}/registry.conf;\n}}\n",
            encoding="utf-8",
        )
        self.begin("nginx", "nginx", *self.nginx_options, "-g", "daemon off;")
        self.answers("nginx", self.tls_port)

    @property
    def nginx_options(self) -> list[str]:
        return ["-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "nginx-error.log")]


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """A site that leaves nothing behind, whatever becomes of the trial."""
    made = Site()
    try:
        yield made
    finally:
        for name in [*made.running]:
            with contextlib.suppress(Exception):
                made.end(name, signal.SIGTERM)
        for program in made.running.values():
            program.kill()
        for database in (made.primary, made.standby):
            with contextlib.suppress(TrialError):
                database.stop("immediate")
        shutil.rmtree(made.folder, ignore_errors=True)
