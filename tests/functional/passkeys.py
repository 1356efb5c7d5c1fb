"""A passkey's holder in a real browser: Chromium's own authenticator in software, by its developer tools' protocol."""

from typing import Any

from playwright.sync_api import Page


class Holder:
    """A device with passkeys in front of a page. It answers at once; `verifies` is whether it asks for a finger."""

    def __init__(self, page: Page, *, verifies: bool = True) -> None:
        self._tools = page.context.new_cdp_session(page)
        self._tools.send("WebAuthn.enable")
        made: dict[str, Any] = self._tools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": verifies,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        self._id = made["authenticatorId"]

    def verify(self, verifies: bool) -> None:
        """Whether the finger is the right one from now on."""
        self._tools.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": verifies})

    def held(self) -> list[dict[str, Any]]:
        """The passkeys on the device."""
        found: dict[str, Any] = self._tools.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        credentials: list[dict[str, Any]] = found["credentials"]
        return credentials
