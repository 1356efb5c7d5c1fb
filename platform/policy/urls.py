"""Addresses of policy's doors."""

from django.urls import path

from policy import api

urlpatterns = [
    path("decisions", api.Decisions.as_view(), name="decisions"),
    path("decisions/<uuid:decision_id>", api.OneDecision.as_view(), name="decision"),
]
