"""The settings of the registry, and who answered."""

from eccp.settings import MIDDLEWARE as REGISTRY_MIDDLEWARE
from tests.bench.settings import *  # noqa: F403 - every setting is the registry's own

ROOT_URLCONF = "tests.bench.site.urls"
MIDDLEWARE = ["tests.bench.worker.told", *REGISTRY_MIDDLEWARE]
