"""Addresses of retention's doors."""

from django.urls import path

from retention import api

urlpatterns = [
    path("audit/erasures", api.Erasures.as_view()),
    path("audit/erasures/<uuid:erasure_id>", api.OneErasure.as_view()),
    path("audit/holds", api.Holds.as_view()),
    path("audit/holds/<uuid:hold_id>/lift", api.HoldLift.as_view()),
    path("audit/retention", api.Retention.as_view()),
]
