"""Addresses of the runs room, under /api/v1/."""

from django.urls import path

from runs.api import (
    bounds,
    cells,
    contents,
    executions,
    files,
    frames,
    previews,
    receipts,
    resumable,
    runs,
    standing,
    usage,
)

urlpatterns = [
    path("files", files.Files.as_view()),
    path("uploads", resumable.Uploads.as_view()),
    path("uploads/<uuid:upload_id>", resumable.OneUpload.as_view()),
    path("runs", runs.Runs.as_view()),
    path("runs/preview", previews.Preview.as_view()),
    path("packages/check", previews.PackagesCheck.as_view()),
    path("waiting", standing.Waiting.as_view()),
    path("health", standing.Health.as_view()),
    path("limits", bounds.Limits.as_view()),
    path("quota", bounds.Quota.as_view()),
    path("runs/<uuid:run_id>", runs.OneRun.as_view()),
    path("runs/<uuid:run_id>/executions", cells.Cells.as_view()),
    path("runs/<uuid:run_id>/executions/<int:number>", executions.OneExecution.as_view()),
    path("runs/<uuid:run_id>/executions/<int:number>/outputs/<int:index>", frames.OutputFrame.as_view()),
    path("runs/<uuid:run_id>/executions/<int:number>/receipt", receipts.Receipt.as_view()),
    path("runs/<uuid:run_id>/events", contents.Events.as_view()),
    path("runs/<uuid:run_id>/usage", usage.PresentUsage.as_view()),
    path("runs/<uuid:run_id>/interrupt", runs.Interrupt.as_view()),
    path("runs/<uuid:run_id>/close", runs.Close.as_view()),
    path("runs/<uuid:run_id>/cancel", runs.Cancel.as_view()),
    path("runs/<uuid:run_id>/artifacts/<path:name>", contents.ArtifactDownload.as_view()),
    path("runs/<uuid:run_id>/notebook", contents.Notebook.as_view()),
]
