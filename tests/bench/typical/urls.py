"""The yardstick's addresses, the bare view, and the change that every process has to notice."""

from django.urls import path

from tests.bench.typical import views

urlpatterns = [
    path("partnerships/", views.page),
    path("partnerships.csv", views.table),
    path("partnerships/facets/", views.facets),
    path("partnerships/<slug:slug>/", views.record),
    path("bare/<str:name>", views.bare),
    path("change/<str:kind>/<slug:slug>/<str:name>", views.change),
]
