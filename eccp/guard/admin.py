"""Logins and accounts in the admin: who came in, and what an administrator may change about a colleague."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from eccp.guard import second_factor
from eccp.guard.memory import remember
from eccp.guard.models import Login, Outcome
from eccp.records.admin import OnlyRead

# Their pages show secrets. Everybody looks after their own; who has lost it is helped by an act on their account.
admin.site.unregister([StaticDevice, TOTPDevice])
admin.site.unregister(User)


@admin.register(Login)
class LoginAdmin(OnlyRead):
    list_display = ("at", "user", "outcome", "address")
    list_filter = ("outcome", "at")
    list_select_related = ("user",)
    search_fields = ("user__username", "address")


@admin.register(User)
class AccountAdmin(UserAdmin):
    """An account. Who is not superuser makes nobody one, and does not touch one."""

    actions = ("remove_second_factor",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users = super().get_queryset(request)
        return users if request.user.is_superuser else users.filter(is_superuser=False)

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser", "user_permissions")

    @admin.action(description=_("Remove the second factor of the selected people"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For somebody who has lost app and recovery codes: at their next login they set up another."""
        people = list(queryset)
        for user in people:
            second_factor.remove(user)
            remember(Outcome.REMOVED, user, request)
        said = ngettext(
            "%(count)d person sets up a second factor at the next login, if the role asks for one.",
            "%(count)d people set up a second factor at the next login, if their role asks for one.",
            len(people),
        )
        messages.success(request, said % {"count": len(people)})
