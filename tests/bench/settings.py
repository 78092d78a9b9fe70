"""The registry's settings, for both stacks."""

from eccp.settings import *  # noqa: F403 - every setting is the registry's own
from eccp.settings import DATABASES

# A process that was held still while it closes its SQLite file would lock the others out: none is closed.
DATABASES["default"]["CONN_MAX_AGE"] = None
