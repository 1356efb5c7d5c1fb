"""Addresses of identity, under /api/v1/."""

from django.urls import path

from identity import api, members_api

urlpatterns = [
    path("me", api.Me.as_view()),
    path("sessions", api.Sessions.as_view()),
    path("sessions/<uuid:session_id>/end", api.SessionEnding.as_view()),
    path("projects", api.Projects.as_view()),
    path("projects/<uuid:project_id>/members", members_api.Members.as_view()),
    path("projects/<uuid:project_id>/members/<uuid:membership_id>", members_api.OneMember.as_view()),
    path("tokens", api.Tokens.as_view()),
    path("tokens/<uuid:token_id>/revoke", api.TokenRevocation.as_view()),
]
