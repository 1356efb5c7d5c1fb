"""Every address."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("identity.urls")),
]

handler400 = "doors.problems.bad_request"
handler404 = "doors.problems.not_found"
handler500 = "doors.problems.server_error"
