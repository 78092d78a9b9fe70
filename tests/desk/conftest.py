"""A curator at the desk."""

from tests.admin.conftest import admin_page, curator

__all__ = ["admin_page", "curator"]
