"""Partnerships of the registry."""

from django.apps import AppConfig


class PartnershipsConfig(AppConfig):
    name = "partnerships"
