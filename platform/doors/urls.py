"""Addresses of the doors that belong to no room, under /api/v1/."""

from django.urls import path

from doors import audit_api

urlpatterns = [
    path("audit/entries", audit_api.AuditEntries.as_view()),
    path("audit/entries/<uuid:entry_id>", audit_api.AuditEntry.as_view()),
]
