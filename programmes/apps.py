"""Programmes of the registry."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "programmes"
