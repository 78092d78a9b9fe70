"""What every test can rely on: a database with the project's own data in it, and a browser."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.color import no_style
from django.db import connection, connections, transaction
from django.test import override_settings
from hypothesis import settings as hypothesis_settings
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import blocking_manager_key

from tests.plugin import CHROMIUM
from tests.staff import StaffClient

# How long an example takes says nothing on a machine that others use too.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def _settings_for_tests(tmp_path_factory):
    """A page can name its stylesheet with nothing collected, and a password is checked at once."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES=settings.STORAGES | {"staticfiles": plain},
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        INDEX_DIR=tmp_path_factory.mktemp("index"),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        # A test may look at a file's headers and never read it; tests/operations/test_bounds.py sets the bounds.
        FILES_PER_CLIENT=10**6,
        FILES_PER_PROCESS=10**6,
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file: in memory, all threads of a live server would share one connection."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database holds the project's own data: loaded once, seen by every test in its transaction."""
    with django_db_blocker.unblock():
        _load()
        yield
        if connection.vendor == "postgresql":
            _end_sessions()


def _end_sessions():
    """Close the test database to everybody, or it could not be dropped.

    A page that was left while it loaded may keep a thread of the server, which may connect again at any moment.
    """
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(name)} WITH ALLOW_CONNECTIONS false")
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@pytest.fixture
def client():
    """A browser without eyes; whom it logs in by force has shown every factor that the account owes."""
    return StaffClient()


@pytest.fixture
def registry(db):
    """The project's own data, also after a test whose end emptied the tables (those with a live server)."""
    if not _is_loaded():
        _load()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Fill the tables again, once and for all later tests, after a test whose end emptied them."""
    result = yield
    if _empties_tables(item) and nextitem is not None and not _empties_tables(nextitem):
        with item.config.stash[blocking_manager_key].unblock():
            _load()
            connections.close_all()
    return result


def _empties_tables(item):
    marker = item.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction", False)
    return is_marked or bool({"transactional_db", "live_server"} & set(item.fixturenames))


#: The rows of our own tables as the fixtures made them, by model: they are put back in a second, loaded in twenty.
_kept = {}


def _load():
    if _kept:
        _put_back()
    elif "load_fixtures" in get_commands():
        call_command("load_fixtures", verbosity=0)
        _keep()


def _own_models():
    apart = {"admin", "auth", "contenttypes", "sessions"}
    for model in apps.get_models(include_auto_created=True):
        # What other libraries store, and what names accounts, is made by each test.
        if model._meta.managed and not model._meta.proxy and model._meta.app_label not in apart:
            yield model


def _keep():
    with connection.cursor() as cursor:
        for model in _own_models():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - no input
            if rows := cursor.fetchall():
                _kept[model] = (
                    [column.name if hasattr(column, "name") else column[0] for column in cursor.description],
                    rows,
                )


def _put_back():
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for model, (columns, rows) in _kept.items():
            table = quote(model._meta.db_table)
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - no input
            names, places = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608 - no input
        for statement in connection.ops.sequence_reset_sql(no_style(), list(_kept)):
            cursor.execute(statement)


def _is_loaded():
    return apps.is_installed("eccp.records") and apps.get_model("records", "Record").objects.exists()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The machine's own Chromium. Its sandbox doesn't work for root; only our own pages are opened."""
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def served(django_db_setup):
    """The site over HTTP on the loaded database, for tests that only read: nothing is emptied after them."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture
def site(registry, served, page):
    """A browser on the site; what the policy or a script complains of is collected, and who else is asked."""
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text))
    page.on("pageerror", lambda problem: page.complaints.append(str(problem)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(served) else page.complaints.append(f"asked {asked.url}"),
    )
    page.address = served
    return page
