"""Addresses of evidence's doors."""

from django.urls import path

from evidence import api

urlpatterns = [
    path("audit/exports", api.Exports.as_view()),
    path("audit/exports/<uuid:export_id>", api.OneExport.as_view()),
    path("audit/exports/<uuid:export_id>/download", api.ExportDownload.as_view()),
]
