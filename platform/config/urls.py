"""Every address."""

from django.urls import include, path, register_converter
from drf_spectacular.views import SpectacularAPIView

from config.health import healthz, readyz
from config.scrape import metrics
from doors import console
from doors.browser import for_browsers
from identity import browser_urls

register_converter(console.PageConverter, "page")

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    *[
        path("api/v1/", include(f"{room}.urls"))
        for room in ("identity", "doors", "catalogue", "policy", "runs", "evidence", "lookup", "retention")
    ],
    # After the API: addresses are tried in order.
    *for_browsers(browser_urls.urlpatterns),
    path("assets/<path:name>", console.asset),
    path("<page:page>", console.page),
]

handler400 = "doors.problems.bad_request"
handler404 = "doors.problems.not_found"
handler500 = "doors.problems.server_error"
