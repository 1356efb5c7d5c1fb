"""Signing in by an OpenID provider: a real one, and one whose answers are bent, each way alone."""

import html
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.identity.conftest import Account, Database
from tests.integration.identity.providers import CLIENT, BentProvider, platform_with, real_provider
from tests.integration.identity.test_passwords import refused
from tests.stack import Stack
from tests.visit import ACCOUNT, SIGN_IN, Visit

NAME = f"grace-{uuid.uuid4().hex[:8]}"
GRACE = {"sub": NAME, "preferred_username": NAME, "name": "Grace H."}


@pytest.fixture(scope="module")
def real(web: Stack) -> Iterator[tuple[str, str]]:
    """A real provider's issuer, and the platform that trusts it."""
    with real_provider(GRACE) as issuer, platform_with(web, issuer) as url:
        yield issuer, url


@pytest.fixture(scope="module")
def _bent(web: Stack) -> Iterator[tuple[BentProvider, str]]:
    provider = BentProvider()
    with platform_with(web, provider.url) as url:
        yield provider, url
    provider.close()


@pytest.fixture
def bent(_bent: tuple[BentProvider, str]) -> tuple[BentProvider, str]:
    """An honest provider whose answers a test may bend, and the platform that trusts it."""
    provider, url = _bent
    provider.reset()
    provider.person = {**provider.person, "sub": f"ada-{uuid.uuid4().hex[:8]}"}
    return provider, url


def onward(visit: Visit, **changed: str) -> str:
    """Press the button: where the page that answers sends the browser on to."""
    visit.open()
    form = {"provider": "oidc", "process": "login", "callback_url": f"{visit.url}/runs"}
    form |= {"csrfmiddlewaretoken": visit.proof["X-CSRFToken"], **changed}
    answer = visit.http.post(f"{SIGN_IN}/provider/redirect", data=form, headers={"Origin": visit.url})
    assert answer.status_code == 200, answer.text
    (address,) = re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
    return html.unescape(address)


def back(visit: Visit, address: str) -> str:
    """Follow to the provider and back to the platform: where that sends the browser in the end."""
    there = httpx.get(address)
    assert there.status_code == 302, there.text
    return arrive(visit, there.headers["location"])


def arrive(visit: Visit, callback: str) -> str:
    """Come back from the provider: another site's page led here, as a browser says."""
    led = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    answer = visit.get(callback, headers=led)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def people(database: Database, name: str) -> list[tuple[Any, ...]]:
    """Username and display name of the people whose username begins with it."""
    return database.run("SELECT username, display_name FROM identity_user WHERE username LIKE %s", f"{name}%")


def reasons(database: Database) -> list[str]:
    """Why sign-ins were refused, in order."""
    return [one["facts"]["reason"] for one in database.entries("identity:sign_in:refused")]


def test_a_real_provider_signs_people_in(real: tuple[str, str], database: Database) -> None:
    issuer, url = real
    with Visit(url) as visit:
        offered = visit.get("/_allauth/browser/v1/config").json()["data"]["socialaccount"]["providers"]
        assert [(one["id"], one["name"], one["flows"]) for one in offered] == [
            ("oidc", "Single sign-on", ["provider_redirect"])
        ]
    seen = set()
    for _ in range(2):
        with Visit(url) as visit:
            address = onward(visit)
            asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
            assert address.startswith(f"{issuer}/oauth2/authorize?")
            assert asked["redirect_uri"] == f"{url}/accounts/oidc/login/callback/"
            assert asked["code_challenge_method"] == "S256"
            assert len(asked["nonce"]) == 43
            there = httpx.post(address, data={"sub": GRACE["sub"]})
            assert arrive(visit, there.headers["location"]) == f"{url}/runs"
            body = visit.me().json()
            assert (body["username"], body["display_name"], body["projects"]) == (f"{NAME}@127.0.0.1", "Grace H.", [])
            seen.add(body["id"])
    # Known again, and made once.
    assert len(seen) == 1
    started = database.entries("identity:session:started", ways=["oidc"])
    assert len(started) >= 2
    kept = database.run("SELECT extra_data FROM socialaccount_socialaccount WHERE user_id = %s", seen.pop())
    assert kept == [({"iss": issuer, "sub": GRACE["sub"]},)]
    assert database.run("SELECT count(*) FROM socialaccount_socialtoken") == [(0,)]


def test_a_person_may_change_their_mind(real: tuple[str, str], database: Database) -> None:
    _, url = real
    with Visit(url) as visit:
        there = httpx.post(onward(visit), data={"action": "deny"})
        assert arrive(visit, there.headers["location"]) == f"{url}/runs?error=cancelled&error_process=login"
        assert visit.me().status_code == 401
    assert reasons(database)[-1] == "oidc_cancelled"


def test_an_honest_provider_is_believed(bent: tuple[BentProvider, str], database: Database) -> None:
    """The ground that the refusals below stand on: the same way, bent nowhere, leads in."""
    provider, url = bent
    with Visit(url) as visit:
        assert back(visit, onward(visit)) == f"{url}/runs"
        assert visit.me().json()["display_name"] == "Ada"
    assert provider.refused == []


NOW = int(time.time())
BENT: list[tuple[str, dict[str, Any]]] = [
    ("oidc_issuer", {"claims": {"iss": "https://evil.example"}}),
    ("oidc_issuer", {"issuer": "https://evil.example"}),
    # One lie, told twice: who answers at the address that is set says that it is another, and signs so.
    ("oidc_issuer", {"issuer": "https://evil.example", "claims": {"iss": "https://evil.example"}}),
    ("oidc_issuer", {"callback": {"iss": "https://evil.example"}}),
    ("oidc_audience", {"claims": {"aud": "another-client"}}),
    ("oidc_audience", {"claims": {"aud": [CLIENT, "another-client"]}}),
    ("oidc_audience", {"claims": {"azp": "another-client"}}),
    ("oidc_nonce", {"claims": {"nonce": "another-nonce"}}),
    ("oidc_token", {"claims": {"nonce": None}}),
    ("oidc_time", {"claims": {"exp": NOW - 3600}}),
    ("oidc_time", {"claims": {"iat": NOW + 3600, "exp": NOW + 7200}}),
    ("oidc_token", {"claims": {"exp": None}}),
    ("oidc_token", {"claims": {"sub": None}}),
    ("oidc_algorithm", {"algorithm": "none", "signing": None}),
    ("oidc_algorithm", {"algorithm": "HS256", "signing": "a secret that both sides know, thirty-two"}),
    ("oidc_token", {"signing": rsa.generate_private_key(public_exponent=65537, key_size=2048)}),
    ("oidc_token", {"whole": {"id_token": None}}),
    ("oidc_algorithm", {"whole": {"id_token": "e30.e30.e30"}}),
    ("oidc_unknown", {"callback": {"code": "another-code"}}),
    ("oidc_unknown", {"callback": {"state": "another-state"}}),
]


@pytest.mark.parametrize(("reason", "bend"), BENT)
def test_an_answer_that_is_bent_lets_nobody_in(
    bent: tuple[BentProvider, str], database: Database, reason: str, bend: dict[str, Any]
) -> None:
    """Taken out for a try, for its rows: the check of the discovered issuer, RFC 9207's iss, claims_of as a whole (then
    django-allauth's own reading lets nonce, azp and signature pass), and the nonce alone."""
    provider, url = bent
    for name, value in bend.items():
        setattr(provider, name, value)
    with Visit(url) as visit:
        address = onward(visit)
        end = address if "/sign-in?" in address else back(visit, address)
        assert "error=unknown" in end, end
        assert visit.me().status_code == 401
        assert visit.get(f"{SIGN_IN}/session").status_code == 401
    assert reasons(database)[-1] == reason
    assert people(database, provider.person["sub"]) == []


def test_an_answer_is_good_for_one_browser_and_once(bent: tuple[BentProvider, str]) -> None:
    """Sign-in CSRF: an attacker's own answer, planted in another's browser. Taken out for a try: nothing of ours; the
    state is django-allauth's."""
    _, url = bent
    with Visit(url) as attacker, Visit(url) as victim:
        callback = httpx.get(onward(attacker)).headers["location"]
        victim.open()
        assert "error=unknown" in arrive(victim, callback)
        assert victim.me().status_code == 401
        # The provider did not even hear of it: the code is still the attacker's own.
        assert arrive(attacker, callback) == f"{url}/runs"
        assert attacker.me().status_code == 200
        assert "error=unknown" in arrive(attacker, callback)


def test_nobody_is_known_by_a_name(bent: tuple[BentProvider, str], account: Account) -> None:
    """Whoever chooses names at the provider takes nobody's account over. Taken out for a try: the host in the names of
    actions.provision."""
    provider, url = bent
    free = f"nobody-{uuid.uuid4().hex[:8]}"
    for name in (account.username, f"{account.username}@127.0.0.1", free, free):
        sub = f"mallory-{uuid.uuid4().hex[:8]}"
        provider.person = {"sub": sub, "preferred_username": name, "email": name, "email_verified": True}
        with Visit(url) as visit:
            assert back(visit, onward(visit)) == f"{url}/runs"
            body = visit.me().json()
            assert body["id"] != account.id
            assert body["username"] != account.username
            assert body["username"].endswith("@127.0.0.1")
            assert body["projects"] == []


def test_the_same_subject_elsewhere_is_somebody_else(bent: tuple[BentProvider, str], web: Stack) -> None:
    """Taken out for a try: the issuer in oidc.subject_of."""
    provider, url = bent
    other = BentProvider()
    other.person = provider.person
    with platform_with(web, other.url) as elsewhere:
        found = []
        for address in (url, elsewhere, url):
            with Visit(address) as visit:
                assert back(visit, onward(visit)) == f"{address}/runs"
                found.append(visit.me().json()["id"])
    other.close()
    assert found[0] == found[2] != found[1]


def test_a_person_who_was_deactivated_stays_out(bent: tuple[BentProvider, str], database: Database) -> None:
    _, url = bent
    with Visit(url) as visit:
        back(visit, onward(visit))
        person = visit.me().json()["id"]
    database.run("UPDATE identity_user SET is_active = false WHERE id = %s", person)
    with Visit(url) as visit:
        assert "error=inactive" in back(visit, onward(visit))
        assert visit.me().status_code == 401
    assert reasons(database)[-1] == "inactive"


def test_accounts_are_not_connected(bent: tuple[BentProvider, str], account: Account) -> None:
    _, url = bent
    with Visit(url) as visit:
        visit.sign_in(account.username, account.password)
        form = {"provider": "oidc", "process": "connect", "callback_url": "/", "csrfmiddlewaretoken": "x"}
        answer = visit.http.post(f"{SIGN_IN}/provider/redirect", data=form, headers=visit.proof)
        assert answer.status_code == 403
        form["csrfmiddlewaretoken"] = visit.proof["X-CSRFToken"]
        refused(visit.http.post(f"{SIGN_IN}/provider/redirect", data=form, headers={"Origin": url}), 403, "no_linking")
        token = {"provider": "oidc", "process": "login", "token": {"client_id": CLIENT, "id_token": "x"}}
        assert visit.post(f"{SIGN_IN}/provider/token", token).status_code == 404


def test_nobody_is_sent_elsewhere_after_signing_in(bent: tuple[BentProvider, str]) -> None:
    """An open redirect. Taken out for a try: AccountAdapter.is_safe_url always True."""
    _, url = bent
    with Visit(url) as visit:
        for elsewhere in (
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "http://localhost/",
            f"{url}.evil.example",
            f"{url[:-1]}",
        ):
            assert onward(visit, callback_url=elsewhere).startswith(f"{url}/sign-in?error=unknown")


def test_who_has_no_password_here_gets_none_by_the_back_door(bent: tuple[BentProvider, str]) -> None:
    _, url = bent
    with Visit(url) as visit:
        back(visit, onward(visit))
        refused(visit.post(f"{ACCOUNT}/password/change", {"new_password": "a long password 1"}), 403, "no_password")


def test_while_the_provider_is_away_the_page_says_so(bent: tuple[BentProvider, str], web: Stack) -> None:
    gone = BentProvider()
    with platform_with(web, gone.url) as url, Visit(url) as visit:
        address = onward(visit)
        gone.close()
        callback = f"{url}/accounts/oidc/login/callback/?" + urlencode(
            {"code": "x", "state": parse_qs(urlsplit(address).query)["state"][0]}
        )
        assert "error=unknown" in arrive(visit, callback)
        assert onward(visit).startswith(f"{url}/sign-in?error=unknown")
        assert visit.me().status_code == 401


def test_without_a_provider_there_is_no_door(web: Stack) -> None:
    with Visit(web.url) as visit:
        assert visit.get("/accounts/oidc/login/callback/?code=x&state=y").status_code == 404
        assert visit.get("/_allauth/browser/v1/config").json()["data"]["socialaccount"]["providers"] == []


def test_the_library_that_bends_tokens_does_so() -> None:
    """Else the rows above would prove nothing."""
    assert jwt.get_unverified_header(jwt.encode({}, None, algorithm="none"))["alg"] == "none"  # type: ignore[arg-type]
