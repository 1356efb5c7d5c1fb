"""Addresses of the runs room, under /api/v1/."""

from django.urls import path

from runs.api import cells, contents, executions, files, runs

urlpatterns = [
    path("files", files.Files.as_view()),
    path("runs", runs.Runs.as_view()),
    path("runs/<uuid:run_id>", runs.OneRun.as_view()),
    path("runs/<uuid:run_id>/executions", cells.Cells.as_view()),
    path("runs/<uuid:run_id>/executions/<int:number>", executions.OneExecution.as_view()),
    path("runs/<uuid:run_id>/events", contents.Events.as_view()),
    path("runs/<uuid:run_id>/interrupt", runs.Interrupt.as_view()),
    path("runs/<uuid:run_id>/close", runs.Close.as_view()),
    path("runs/<uuid:run_id>/cancel", runs.Cancel.as_view()),
    path("runs/<uuid:run_id>/artifacts/<path:name>", contents.ArtifactDownload.as_view()),
    path("runs/<uuid:run_id>/notebook", contents.Notebook.as_view()),
]
