"""Forgets somebody's second factor, for the day the only administrator has lost it: asked on the server itself."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from eccp.guard import second_factor
from eccp.guard.memory import remember
from eccp.guard.models import Outcome


class Command(BaseCommand):
    help = "Forget a person's authenticator app and recovery codes; at the next login another is set up."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account {username!r}.")
        second_factor.remove(user)
        remember(Outcome.REMOVED, user, None)
        self.stdout.write(f"{username} has no second factor now.")
