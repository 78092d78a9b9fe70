"""A wrong variable stops the start and says its name; the address decides how strict the site is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eccp import settings as as_loaded

ROOT = Path(__file__).resolve().parent.parent
GOOD = {"SECRET_KEY": "a-secret-for-this-test-that-is-long-enough-to-sign-with-123"}


@pytest.fixture
def start(tmp_path):
    """Read the settings as the server does, in a process of its own and in a folder without a ``.env``."""
    (tmp_path / "eccp").mkdir()
    shutil.copy(as_loaded.__file__, tmp_path / "eccp")

    def start(say="", **variables):
        return subprocess.run(
            [sys.executable, "-c", f"from eccp import settings; print({say})"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **GOOD, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("DEBUG", "perhaps"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("LISTEN_ON", "registry.example.eu"),
        ("WEB_PROCESSES", "0"),
        ("FORWARDED_ALLOW_IPS", "proxy"),
        ("FORWARDED_ALLOW_IPS", "10.0.0.1,"),
        ("SITE_URL", "registry.example.eu"),
        ("SITE_URL", "https://registry.example.eu/path"),
        ("SITE_URL", "https://registry.example.eu:port"),
        ("SITE_URL", "ftp://registry.example.eu"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "registry.example.eu,,localhost"),
        ("DATABASE_URL", "mysql://localhost/registry"),
        ("DATABASE_URL", "postgresql://localhost:port/registry"),
        ("DATABASE_URL", "postgresql://localhost"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_REPLICA_URLS", "sqlite:////tmp/replica.sqlite3"),
        ("DATABASE_REPLICA_URLS", "postgresql://a/registry,"),
        ("DATABASE_REPLICA_URLS", "postgresql://a:port/registry"),
        ("DATABASE_REPLICA_URLS", "postgresql://a/registry"),  # without DATABASE_URL, the primary is SQLite
        ("REPLICA_LAG_SECONDS", "0"),
        ("REPLICA_LAG_SECONDS", "soon"),
        ("CACHE_URL", "memcached://localhost"),
        ("CACHE_URL", "redis://"),
        ("CACHE_URL", "redis://localhost:port/0"),
        ("EMAIL_URL", "mail.example.eu"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp://mail.example.eu:port"),
        ("TIME_ZONE", "Europe/Atlantis"),
        ("TIME_ZONE", "../zoneinfo"),
        ("LOG_LEVEL", "loud"),
        ("CONTACT_EMAIL", "registry at example.eu"),
        ("ONE_PERSON_TEAM", "two"),
        ("PROXIES_IN_FRONT", "-1"),
        ("PROXIES_IN_FRONT", "some"),
        ("LOGIN_LOG_DAYS", "0"),
        ("REPORT_CONTACT_DAYS", "0"),
        ("CONSENT_DAYS", "for ever"),
        ("SECURITY_CONTACT", "nobody"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "long enough but of several words"),
        ("LOG_FORMAT", "xml"),
        ("SLOW_QUERY_MS", "0"),
        ("STATEMENT_SECONDS", "soon"),
    ],
)
def test_a_malformed_variable_stops_the_start_with_its_name_and_what_is_expected(start, name, value):
    result = start(**{name: value})
    assert result.returncode != 0
    last_line = result.stderr.strip().splitlines()[-1]
    assert re.search(rf"ImproperlyConfigured: {name} is wrong: expected .{{5,}}", last_line), result.stderr


def test_without_a_secret_the_start_says_how_to_get_one(start, tmp_path):
    result = start(SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "none"))
    assert result.returncode != 0
    assert "SECRET_KEY is missing" in result.stderr
    assert "make run" in result.stderr


def test_the_secret_may_lie_in_a_file(start, tmp_path):
    path = tmp_path / "secret"
    path.write_text(GOOD["SECRET_KEY"] + "\n", encoding="utf-8")
    result = start("settings.SECRET_KEY", SECRET_KEY="", SECRET_KEY_FILE=str(path))
    assert result.stdout.strip() == GOOD["SECRET_KEY"], result.stderr


def test_a_wrong_value_is_not_repeated_since_it_may_hold_a_password(start):
    result = start(DATABASE_URL="postgresql://registry:hush@localhost:port/registry")
    assert "hush" not in result.stderr.strip().splitlines()[-1]


def test_an_https_address_turns_on_everything_that_needs_tls(start):
    say = "settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, "
    say += "settings.SECURE_HSTS_SECONDS > 0, settings.ALLOWED_HOSTS[0]"
    with_tls = start(say, SITE_URL="https://registry.example.eu")
    assert with_tls.stdout.strip() == "True True True True registry.example.eu", with_tls.stderr
    without = start(say, SITE_URL="http://127.0.0.1:8000")
    assert without.stdout.strip() == "False False False False 127.0.0.1", without.stderr


def test_replicas_cache_mail_and_time_zone_are_read_from_their_addresses(start):
    say = "sorted(settings.DATABASES), settings.DATABASES['replica-2']['HOST'], settings.CACHES['default']['BACKEND'], "
    say += "settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.TIME_ZONE"
    result = start(
        say,
        DATABASE_URL="postgresql://registry@primary/registry",
        DATABASE_REPLICA_URLS="postgresql://registry@first/registry, postgresql://registry@second/registry",
        CACHE_URL="redis://localhost:6379/1",
        EMAIL_URL="submission://user:password@mail.example.eu",
        TIME_ZONE="Asia/Tokyo",
    )
    assert result.stdout.strip() == (
        "['default', 'replica-1', 'replica-2'] second django.core.cache.backends.redis.RedisCache "
        "mail.example.eu 587 True Asia/Tokyo"
    ), result.stderr


def test_the_port_is_part_of_the_address_unless_that_is_given(start):
    assert start("settings.SITE_URL", PORT="8099").stdout.strip() == "http://127.0.0.1:8099"


def test_a_file_beside_the_code_sets_what_the_environment_leaves_open(start, tmp_path):
    (tmp_path / ".env").write_text("PORT=8001\nLOG_LEVEL=ERROR\n", encoding="utf-8")
    assert start("settings.PORT, settings.LOG_LEVEL", PORT="8002").stdout.strip() == "8002 ERROR"


def test_the_web_server_listens_where_a_file_beside_the_code_says_and_believes_whom_it_names(start, tmp_path):
    shutil.copy(ROOT / "eccp" / "gunicorn.py", tmp_path / "eccp")
    variables = {"LISTEN_ON": "::1", "PORT": "8001", "WEB_PROCESSES": "8", "FORWARDED_ALLOW_IPS": "10.0.0.0/24,::1"}
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()), encoding="utf-8")
    say = "[getattr(__import__('eccp.gunicorn').gunicorn, name) for name in ('bind', 'workers', 'forwarded_allow_ips')]"
    result = start(say)
    assert result.stdout.strip() == "['[::1]:8001', 8, '10.0.0.0/24,::1/128']", result.stderr


def test_the_example_names_every_variable_and_no_other():
    read = set(re.findall(r'(?:variable|env\.str)\(\s*"([A-Z_]+)"', Path(as_loaded.__file__).read_text("utf-8")))
    named = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    named |= set(re.findall(r"Example: ([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8")))
    assert named == read
