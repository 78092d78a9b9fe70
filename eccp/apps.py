"""The admin of this site is the registry's own."""

from django.contrib.admin.apps import AdminConfig


class RegistryAdminConfig(AdminConfig):
    default_site = "eccp.desk.site.DeskSite"
