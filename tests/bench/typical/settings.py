"""The registry's models and database, and little more than what a plain project starts with."""

from pathlib import Path

from eccp.settings import TEMPLATES as REGISTRY_TEMPLATES
from tests.bench.settings import *  # noqa: F403 - the same database, models and words

ROOT_URLCONF = "tests.bench.typical.urls"
MIDDLEWARE = ["tests.bench.worker.told"]
TEMPLATES = [
    REGISTRY_TEMPLATES[0] | {"DIRS": [Path(__file__).parent / "templates"], "OPTIONS": {"context_processors": []}},
]
# What goes wrong in a page is told to the log of its server.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR"}},
}
