"""The addresses of the second factor, inside the curators' side."""

from django.contrib import admin
from django.urls import path

from eccp.guard import views

app_name = "guard"
urlpatterns = [
    path("", admin.site.admin_view(views.of_mine), name="second-factor"),
    path("codes/", admin.site.admin_view(views.new_codes), name="new-codes"),
    path("remove/", admin.site.admin_view(views.removed), name="remove"),
]
