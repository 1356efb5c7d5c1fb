"""Addresses of lookup's doors."""

from django.urls import path

from lookup.api import entries, recall

urlpatterns = [
    path("audit/entries", entries.AuditEntries.as_view()),
    path("audit/entries/<uuid:entry_id>", entries.AuditEntry.as_view()),
    path("audit/recall", recall.Recalls.as_view()),
]
