"""Every address."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from config.health import healthz, readyz
from config.scrape import metrics
from doors.browser import for_browsers
from identity import browser_urls

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    *for_browsers(browser_urls.urlpatterns),
    *[path("api/v1/", include(f"{room}.urls")) for room in ("identity", "doors", "catalogue", "policy", "runs")],
]

handler400 = "doors.problems.bad_request"
handler404 = "doors.problems.not_found"
handler500 = "doors.problems.server_error"
