"""A curator at the desk."""

from tests.admin.conftest import admin_page, curator
from tests.curation.conftest import team

__all__ = ["admin_page", "curator", "team"]
