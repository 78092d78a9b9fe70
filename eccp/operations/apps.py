"""What the operator does: backups, and the proof that they can be restored."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "eccp.operations"
    label = "operations"
