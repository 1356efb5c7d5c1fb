"""Addresses of the catalogue's doors."""

from django.urls import path

from catalogue import api

urlpatterns = [
    path("environments", api.Environments.as_view(), name="environments"),
    path("environments/<slug:name>", api.OneEnvironment.as_view(), name="environment"),
]
