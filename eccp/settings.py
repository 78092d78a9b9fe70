"""Everything that can be set from outside: a wrong value stops the start and says what is expected.

The variables are listed, with examples, in ``.env.example``. Every default is the safe value.
"""

import logging
import sqlite3
import sys
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url  # the readers of addresses come with environs[django]
import dj_email_url
import django_cache_url
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
#: The folders whose code decides what is answered and kept.
OWN_CODE = ("eccp", "markets", "partnerships", "programmes")
#: Under which curators work; everything else is public.
STAFF_PATH = "/admin/"

env = Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env", recurse=False)


# ── The variables ────────────────────────────────────────────────────────────


def variable(name, read, expected, **options):
    """Read one variable, or stop with its name and what would have been right. Secrets are not repeated."""
    try:
        return read(name, **options)
    except (EnvError, ValueError) as problem:
        raise ImproperlyConfigured(f"{name} is wrong: expected {expected}.") from problem


@env.parser_for("port")
def _port(value):
    port = int(value)
    if not 1 <= port <= 65535:
        raise EnvError("out of range")
    return port


@env.parser_for("number")
def _number(value, *, least=0):
    if int(value) < least:
        raise EnvError("too small")
    return int(value)


@env.parser_for("token")
def _token(value):
    if value and (len(value) < 20 or len(value.split()) != 1):
        raise EnvError("too easy to guess")
    return value


@env.parser_for("site_url")
def _site_url(value):
    parts = urlsplit(value)
    parts.port  # noqa: B018 - raises ValueError when it is no number
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise EnvError("not an address")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise EnvError("more than scheme, host and port")
    return f"{parts.scheme}://{parts.netloc.lower()}"


@env.parser_for("hosts")
def _hosts(value):
    hosts = [host.strip() for host in value.split(",")] if isinstance(value, str) else value
    if any(not host or "/" in host or "*" in host for host in hosts):
        raise EnvError("not host names")
    return hosts


@env.parser_for("address")
def _address(value):
    return str(ip_address(value))


@env.parser_for("proxies")
def _proxies(value):
    return value if value == "*" else ",".join(str(ip_network(part.strip(), strict=False)) for part in value.split(","))


@env.parser_for("database")
def _database(value):
    if not value.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise EnvError("another kind of database")
    database = dj_database_url.parse(value)
    if not database["NAME"] or database["NAME"] == ":memory:":
        raise EnvError("no database named")
    return database


def _server(value):
    """The host of an address, whose port, if it has one, is a number (else ValueError)."""
    parts = urlsplit(value)
    return parts.hostname if parts.port != 0 else None


@env.parser_for("replicas")
def _replicas(value):
    addresses = [address.strip() for address in value.split(",")] if value else []
    if any(not address.startswith(("postgresql://", "postgres://")) for address in addresses):
        raise EnvError("not PostgreSQL")
    return [_database(address) for address in addresses]


@env.parser_for("cache")
def _cache(value):
    if not value.startswith(("locmem://", "file:///", "db://", "redis://", "rediss://", "unix://")):
        raise EnvError("a cache whose client is not installed")
    if value.startswith("redis") and not _server(value):
        raise EnvError("no server named")
    return django_cache_url.parse(value)


@env.parser_for("mail")
def _mail(value):
    parts = urlsplit(value)
    if parts.scheme not in ("smtp", "smtp+tls", "smtp+ssl", "submission", "consolemail", "dummymail"):
        raise EnvError("another way to send")
    if parts.scheme.startswith(("smtp", "submission")) and not _server(value):
        raise EnvError("no server named")
    return dj_email_url.parse(value)


@env.parser_for("time_zone")
def _time_zone(value):
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, OSError) as problem:
        raise EnvError("no such zone") from problem
    return value


@env.parser_for("seconds")
def _seconds(value):
    if not 1 <= int(value) <= 3600:
        raise EnvError("out of range")
    return int(value)


@env.parser_for("contact")
def _contact(value):
    if value:
        try:
            validate_email(value)
        except ValidationError as problem:
            raise EnvError("not an address") from problem
    return value


@env.parser_for("one_of")
def _one_of(value, *, choices):
    if value not in choices:
        raise EnvError("not one of the choices")
    return value


def _secret_key():
    """From SECRET_KEY, or from a file so that it needs no place in the environment."""
    expected = "at least 50 random characters, the same at every start"
    key, source = env.str("SECRET_KEY", ""), "SECRET_KEY"
    if not key:
        path = Path(env.str("SECRET_KEY_FILE", "") or VAR_DIR / "secret_key")
        source = f"SECRET_KEY_FILE ({path})"
        try:
            key = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise ImproperlyConfigured(
                f"SECRET_KEY is missing: expected {expected}, in SECRET_KEY or in the file that "
                f"SECRET_KEY_FILE names, which cannot be read: {path}. `make run` writes one."
            ) from problem
    if len(key) < 50 or len(set(key)) < 5:
        raise ImproperlyConfigured(f"{source} is wrong: expected {expected}.")
    return key


SECRET_KEY = _secret_key()
DEBUG = variable("DEBUG", env.bool, "true or false", default=False)
PORT = variable("PORT", env.port, "a port number from 1 to 65535", default="8000")
# Read by eccp/gunicorn.py: what only a site of several machines, or one of many cores, has to set.
LISTEN_ON = variable("LISTEN_ON", env.address, "an IP address of this machine", default="127.0.0.1")
WEB_PROCESSES = variable("WEB_PROCESSES", env.number, "how many processes, at least 1", default="2", least=1)
FORWARDED_ALLOW_IPS = variable(
    "FORWARDED_ALLOW_IPS", env.proxies, "IP addresses or networks with commas between, or *", default="127.0.0.1,::1"
)
SITE_URL = variable(
    "SITE_URL",
    env.site_url,
    "the public address without a path, such as https://registry.example.eu",
    default=f"http://127.0.0.1:{PORT}",
)
ALLOWED_HOSTS = variable(
    "ALLOWED_HOSTS",
    env.hosts,
    "host names with commas between, such as registry.example.eu,localhost, and no *",
    default=list(dict.fromkeys([urlsplit(SITE_URL).hostname, "localhost", "127.0.0.1"])),
)
CONTACT_EMAIL = variable(
    "CONTACT_EMAIL", env.contact, "one e-mail address, or nothing where there is none to write to", default=""
)
LOG_LEVEL = variable(
    "LOG_LEVEL",
    env.one_of,
    "DEBUG, INFO, WARNING, ERROR or CRITICAL",
    default="INFO",
    choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
)
LOG_FORMAT = variable(
    "LOG_FORMAT",
    env.one_of,
    "json or plain",
    default="plain" if sys.stderr.isatty() else "json",
    choices=("json", "plain"),
)
SLOW_QUERY_MS = variable("SLOW_QUERY_MS", env.number, "a number of milliseconds, at least 1", default="500", least=1)
STATEMENT_SECONDS = variable("STATEMENT_SECONDS", env.number, "a number of seconds, at least 1", default="30", least=1)
# Whether whoever wrote a change may also publish it: for a team of one, who has nobody to review.
ONE_PERSON_TEAM = variable("ONE_PERSON_TEAM", env.bool, "true or false", default=False)
# Whose X-Forwarded-For is believed; without a proxy the client could write any address into it.
PROXIES_IN_FRONT = variable(
    "PROXIES_IN_FRONT", env.number, "how many proxies stand between readers and this server: 0, 1 or more", default="0"
)
# Where a hole is reported; printed in /.well-known/security.txt.
SECURITY_CONTACT = variable(
    "SECURITY_CONTACT", env.contact, "one e-mail address, or nothing to use CONTACT_EMAIL", default=""
) or CONTACT_EMAIL  # fmt: skip
METRICS_TOKEN = variable(
    "METRICS_TOKEN", env.token, "at least 20 characters without a space, or nothing for no metrics", default=""
)
LOGIN_LOG_DAYS = variable("LOGIN_LOG_DAYS", env.number, "a number of days, at least 1", default="180", least=1)
# How long the e-mail of a reader who reported an error is kept, and how long consent to be named is relied on.
REPORT_CONTACT_DAYS = variable("REPORT_CONTACT_DAYS", env.number, "a number of days, at least 1", default="90", least=1)
CONSENT_DAYS = variable("CONSENT_DAYS", env.number, "a number of days, at least 1", default="730", least=1)


# ── The database ─────────────────────────────────────────────────────────────

DATABASES = {
    "default": variable(
        "DATABASE_URL",
        env.database,
        "sqlite:////path/to/registry.sqlite3 or postgresql://user:password@host:5432/name",
        default=f"sqlite:///{VAR_DIR / 'registry.sqlite3'}",
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Readers go on while a curator saves; a second writer waits instead of failing.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
    # WAL, partial indexes and window functions are older than this; RETURNING and STRICT are not.
    if sqlite3.sqlite_version_info < (3, 37):
        raise ImproperlyConfigured(
            f"SQLite {sqlite3.sqlite_version} is too old: expected 3.37 or newer, or PostgreSQL."
        )
# Each thread keeps its connection for a minute, and tries it before a request relies on it. To open even a file costs
# as much as a small page: Django teaches SQLite its functions anew, and who closes it last tidies the log up.
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Streaming replicas of a PostgreSQL primary: public pages are read there (eccp/records/databases.py).
_REPLICAS = variable(
    "DATABASE_REPLICA_URLS",
    env.replicas,
    "postgresql:// addresses with commas between",
    default="",
)
if _REPLICAS and DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    raise ImproperlyConfigured(
        "DATABASE_REPLICA_URLS is wrong: expected nothing where DATABASE_URL is SQLite, which has no replicas."
    )
for _number, _replica in enumerate(_REPLICAS, 1):
    # A replica that hangs must not hold a reader: the primary is asked instead.
    _replica["OPTIONS"] = {"connect_timeout": 2} | _replica.get("OPTIONS", {})
    _replica["TEST"] = {"MIRROR": "default"}
    DATABASES[f"replica-{_number}"] = _replica | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASE_ROUTERS = ["eccp.records.databases.ReplicaRouter"]
REPLICA_LAG_SECONDS = variable(
    "REPLICA_LAG_SECONDS", env.seconds, "a whole number of seconds from 1 to 3600", default="5"
)

CACHES = {
    "default": variable(
        "CACHE_URL",
        env.cache,
        "locmem://, file:///path/to/folder, db://table or redis://host:6379/0",
        default="locmem://",
    )
}

# How long a shared cache (the proxy) may serve an answer, and how much longer while it asks whether it still holds.
SHARED_SECONDS, STALE_SECONDS = 60, 30
# After this a publication is seen by everyone: the caches, the lag of a replica and the time until that is noticed.
VISIBLE_WITHIN_SECONDS = SHARED_SECONDS + STALE_SECONDS + REPLICA_LAG_SECONDS + 5


# ── Mail ─────────────────────────────────────────────────────────────────────

vars().update(
    variable(
        "EMAIL_URL",
        env.mail,
        "smtp://, submission:// or smtp+ssl://user:password@host:port, consolemail:// or dummymail://",
        default="dummymail://",
    )
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONTACT_EMAIL or f"registry@{urlsplit(SITE_URL).hostname}"


# ── The site ─────────────────────────────────────────────────────────────────

INSTALLED_APPS = [
    "eccp.records",
    "eccp.listing",
    "eccp.curation",
    "eccp.reference",
    "programmes",
    "markets",
    "partnerships",
    "eccp.portal",
    "eccp.desk",
    "eccp.operations",
    "eccp.apps.RegistryAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "eccp.guard",  # last: it takes the place of their admins
]

# Nothing here sets a cookie by itself: session, user and messages are opened only when a view asks for them,
# and only the admin does. No LocaleMiddleware: the language is in the address, so one address is one page.
MIDDLEWARE = [
    "eccp.operations.requests.RequestLogMiddleware",
    # Before whatever answers by itself: static files, redirects and refusals carry the headers too.
    "eccp.operations.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "eccp.operations.metrics.MetricsMiddleware",
    "eccp.portal.language.AddressLanguageMiddleware",
    "eccp.operations.bounds.BoundsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "eccp.listing.middleware.ReadingMiddleware",  # what is read lacks no token: before whoever asks for one
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "eccp.listing.middleware.ReplicaMiddleware",
    "eccp.guard.middleware.SecondFactorMiddleware",
    "eccp.portal.caching.PublicCacheMiddleware",
    "eccp.operations.bounds.FilesMiddleware",
    "eccp.listing.middleware.OneVersionMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "eccp.urls"
WSGI_APPLICATION = "eccp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "eccp.portal.context.site",
            ],
        },
    },
]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Long lists are kept here for the processes of this machine (eccp/listing/keeping.py); what is lost is made anew.
INDEX_DIR = VAR_DIR / "index"
STATICFILES_DIRS = [BASE_DIR / "eccp" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # A file's name carries its content's hash, so a browser keeps it for ever and never shows an old one.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# ── Words and days ───────────────────────────────────────────────────────────

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語"), ("fr", "Français"), ("de", "Deutsch")]
# Curators choose theirs, which a cookie keeps for a year; its path keeps it from every public page.
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_PATH, LANGUAGE_COOKIE_AGE = "language", STAFF_PATH, 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = True, "Lax"
LOCALE_PATHS = [BASE_DIR / "eccp" / "locale"]
# Django's English is American: "Nov. 22, 2026".
FORMAT_MODULE_PATH = ["eccp.formats"]
USE_TZ = True
# Whose midnight ends a day, and with it what pages say of “today”.
TIME_ZONE = variable(
    "TIME_ZONE", env.time_zone, "a name of the time zone database, such as Europe/Brussels", default="Europe/Brussels"
)


# ── Safety ───────────────────────────────────────────────────────────────────

# The address decides. TLS ends at a proxy in front, whose X-Forwarded-Proto gunicorn believes
# (FORWARDED_ALLOW_IPS).
HAS_TLS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HAS_TLS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # asked from inside, past the proxy
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HAS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HAS_TLS
# Preloading binds the whole domain for years; that is the domain owner's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SESSION_COOKIE_SECURE = HAS_TLS
SESSION_COOKIE_AGE = 12 * 3600  # a curator's working day
CSRF_COOKIE_SECURE = HAS_TLS
CSRF_COOKIE_HTTPONLY = True  # forms carry the token themselves
if HAS_TLS:
    # A browser takes a cookie of such a name only from this very host over TLS, never from a neighbour.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "DENY"
# What SecurityMiddleware sets too, for the answers that never reach it, and what it does not know.
SECURE_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": X_FRAME_OPTIONS,
}
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site has business with our scripts and styles

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
PERMISSIONS_POLICY = {
    feature: []
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "screen-wake-lock",
        "usb",
        "xr-spatial-tracking",
    )
}

# Only curators send anything: a record with its citations, or a file to import.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
DATA_UPLOAD_MAX_NUMBER_FILES = 5

LANGUAGE_COOKIE_SECURE = HAS_TLS
# What one request and one client may ask at most. A reader sends a question or a few words; a curator, a table.
MOST_BYTES, MOST_STAFF_BYTES = 64 * 1024, 12 * 1024 * 1024
MOST_VALUES = 200  # of a query string; its length the server bounds (eccp/gunicorn.py), that of q the list
FILES_PER_CLIENT = 4
FILES_PER_PROCESS = 4  # half the threads (eccp/gunicorn.py): slow readers of files leave the others to the pages

LOGIN_URL = "admin:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Five wrong passwords for one name from one address shut that pair out, in all processes; a name alone is never
# shut out, or anybody could keep a curator from work. What axes keeps is dropped with the shutting out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "eccp.guard.client.address"
AXES_LOCKOUT_CALLABLE = "eccp.guard.views.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # eccp.guard keeps its own, and forgets it in time
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# And one address may try that many passwords in a quarter of an hour, whatever the names.
LOGINS_PER_QUARTER = 20
# Whoever has one of these rights, or all, may do nothing without a second factor.
SECOND_FACTOR_FOR = ["curation.publish", "auth.add_user", "auth.change_user"]
OTP_TOTP_ISSUER = f"ECCP Registry ({urlsplit(SITE_URL).hostname})"


# ── Logs ─────────────────────────────────────────────────────────────────────

# What went well is counted (/metrics) and written only for who looks for a fault; nothing says who asked.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_STATUS_DEFAULT_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "eccp.operations.log_lines.formatter", "form": LOG_FORMAT}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Django would mail errors to administrators; here the operator reads them where everything else is.
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # What was not found or broke is written once, with its request, by eccp.operations.requests.
        "django.request": {"level": "CRITICAL"},
        # Scanners ask for any name; each would leave a traceback.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # It writes names and addresses; eccp.guard remembers both where they are forgotten again.
        "axes": {"level": "CRITICAL"},
    },
}
