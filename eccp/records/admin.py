"""Bases of the admins of what nobody types there."""

from django.contrib import admin


class WrittenElsewhere(admin.ModelAdmin):
    """What acts, readers and machines write: nobody adds or deletes it by hand."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class OnlyRead(WrittenElsewhere):
    """What is only looked at there."""

    def has_change_permission(self, request, obj=None):
        return False
