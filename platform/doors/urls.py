"""Addresses of the doors that belong to no room, under /api/v1/."""

from django.urls import path

from doors import audit_integrity_api, audit_log_api

urlpatterns = [
    path("audit/entries/<uuid:entry_id>/proof", audit_log_api.EntryProof.as_view()),
    path("audit/keys", audit_log_api.Keys.as_view()),
    path("audit/checkpoint", audit_log_api.Checkpoint.as_view()),
    path("audit/tile/<path:tile>", audit_log_api.TileOf.as_view()),
    path("audit/logs/<uuid:project_id>/checkpoint", audit_log_api.LogCheckpoint.as_view()),
    path("audit/logs/<uuid:project_id>/tile/<path:tile>", audit_log_api.LogTile.as_view()),
    path("audit/logs/<str:log>/checkpoint", audit_log_api.OwnCheckpoint.as_view()),
    path("audit/logs/<str:log>/tile/<path:tile>", audit_log_api.OwnTile.as_view()),
    path("audit/integrity", audit_integrity_api.Standing.as_view()),
]
