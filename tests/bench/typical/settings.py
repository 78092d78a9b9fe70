"""The registry's models and database, and little more than what a plain project starts with."""

from pathlib import Path

from eccp.settings import *  # noqa: F403 - the same database, models and words
from eccp.settings import DATABASES
from eccp.settings import TEMPLATES as REGISTRY_TEMPLATES

ROOT_URLCONF = "tests.bench.typical.urls"
MIDDLEWARE = ["tests.bench.worker.told"]
TEMPLATES = [
    REGISTRY_TEMPLATES[0] | {"DIRS": [Path(__file__).parent / "templates"], "OPTIONS": {"context_processors": []}},
]
# A process that was held still while it closes its SQLite file would lock the others out: none is closed.
DATABASES["default"]["CONN_MAX_AGE"] = None
# What goes wrong in a page is told to the log of its server.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR"}},
}
