"""The settings of the registry, and who answered."""

from eccp.settings import *  # noqa: F403 - every setting is the registry's own
from eccp.settings import DATABASES
from eccp.settings import MIDDLEWARE as REGISTRY_MIDDLEWARE

ROOT_URLCONF = "tests.bench.site.urls"
MIDDLEWARE = ["tests.bench.worker.told", *REGISTRY_MIDDLEWARE]
# A process that was held still while it closes its SQLite file would lock the others out: none is closed.
DATABASES["default"]["CONN_MAX_AGE"] = None
