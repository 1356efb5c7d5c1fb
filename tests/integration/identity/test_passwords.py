"""Signing in by name and password, over HTTP, against the running platform."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.integration.identity.conftest import Account, Database
from tests.stack import Stack
from tests.visit import ACCOUNT, SIGN_IN, Visit, new_address

TRIES = 5


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """A problem of the platform's."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    return body


def mistaken(answer: httpx.Response, code: str) -> None:
    """A form's fault, in django-allauth's own words."""
    assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (400, [code])


def cookie(answer: httpx.Response, name: str) -> str:
    """The cookie as it was set, with its attributes."""
    (found,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    return found


def test_the_demos_people_sign_in(web: Stack) -> None:
    for name, user in web.users.items():
        with Visit(web.url) as visit:
            answer = visit.sign_in(user["username"], user["password"])
            assert answer.status_code == 200, answer.text
            body = visit.me().json()
            assert body["username"] == name
            assert body["projects"]


def test_a_session_from_the_sign_in_to_the_sign_out(web: Stack, account: Account, database: Database) -> None:
    with Visit(web.url) as visit:
        refused(visit.me(), 401, "token_missing")
        answer = visit.sign_in(account.username, account.password)
        assert answer.json()["data"]["user"]["id"] == account.id
        assert answer.json()["meta"]["is_authenticated"] is True
        assert visit.get(f"{SIGN_IN}/session").status_code == 200
        (listed,) = visit.get("/api/v1/sessions").json()["results"]
        assert (listed["current"], listed["address"], listed["user_agent"]) == (True, visit.address, "a test's browser")
        started = database.entries("identity:session:started", person=account.pseudonym)
        assert [(one["subject"], one["actor"], one["facts"]["ways"]) for one in started] == [
            (f"session:{listed['id']}", account.pseudonym, ["password"])
        ]
        assert visit.post(f"{SIGN_IN}/session", method="DELETE").status_code == 401
        assert "bailiwick_session" not in visit.http.cookies
        refused(visit.me(), 401, "token_missing")
    ended = database.entries("identity:session:ended", person=account.pseudonym)
    assert [(one["subject"], one["facts"]["how"]) for one in ended] == [(f"session:{listed['id']}", "signed_out")]


def test_the_cookies_are_what_they_must_be(web: Stack, account: Account) -> None:
    """Taken out for a try: SESSION_COOKIE_HTTPONLY. Outside the demo all are Secure: test_cookies."""
    with Visit(web.url) as visit:
        answer = visit.sign_in(account.username, account.password)
        session = cookie(answer, "bailiwick_session")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(session.split("; "))
        assert "Domain" not in session
        # The server alone decides how long it lasts.
        assert "Max-Age" not in session
        assert "expires" not in session.lower()
        device = cookie(answer, "bailiwick_device")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(device.split("; "))
        assert account.username not in device
        assert account.id not in device
        token = cookie(answer, "csrftoken")
        assert "HttpOnly" not in token
        assert "SameSite=Strict" in token
        assert answer.headers["cache-control"].startswith("max-age=0") or "no-store" in answer.headers["cache-control"]
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_a_wrong_password_and_an_unknown_name_look_the_same(web: Stack, account: Account, database: Database) -> None:
    with Visit(web.url) as visit:
        wrong = visit.sign_in(account.username, "not the password")
        unknown = visit.sign_in(f"{account.username}-nobody", account.password)
        case = visit.sign_in(account.username.upper(), account.password)
    for answer in (wrong, unknown, case):
        mistaken(answer, "username_password_mismatch")
    assert wrong.json() == unknown.json() == case.json()
    assert "bailiwick_session" not in wrong.headers.get("set-cookie", "")
    (entry,) = [
        one
        for one in database.entries("identity:sign_in:refused", reason="password")
        if one["subject"] == f"person:{account.pseudonym}"
    ]
    assert (entry["actor"], entry["outcome"]) == (None, "refused")
    assert account.username not in str(entry)
    assert visit.address not in str(entry)


def test_a_person_who_was_deactivated_does_not_get_in(web: Stack, account: Account, database: Database) -> None:
    """And who is in, is out. Taken out for a try: is_active in the authentication backend's user_can_authenticate."""
    with Visit(web.url) as inside, Visit(web.url) as outside:
        assert inside.sign_in(account.username, account.password).status_code == 200
        database.run("UPDATE identity_user SET is_active = false WHERE id = %s", account.id)
        refused(inside.me(), 401, "user_inactive")
        assert inside.get(f"{SIGN_IN}/session").status_code == 401
        mistaken(outside.sign_in(account.username, account.password), "username_password_mismatch")


def test_the_logs_tell_nobody_who_signs_in_and_how(web: Stack, account: Account) -> None:
    with Visit(web.url) as visit:
        visit.sign_in(account.username, "a wrong password of mine")
        visit.sign_in(account.username, account.password)
        visit.post(f"{SIGN_IN}/reauthenticate", {"password": account.password})
        visit.http.post(f"{SIGN_IN}/login", content=f'{{"username": "{account.username}', headers=visit.proof)
        cookies = list(visit.http.cookies.values())
        assert visit.me().status_code == 200
    text = web.log("web")
    for private in (
        account.username,
        account.password,
        account.id,
        "a wrong password of mine",
        visit.address,
        *cookies,
    ):
        assert private not in text
    assert '"route": "_allauth/browser/v1/auth/login", "status": 200' in text


def hammer(web: Stack, username: str, address: str, times: int) -> list[int]:
    """Guess, at once and from one address, each time as another browser."""

    def guess(number: int) -> int:
        with Visit(web.url, address=address) as visit:
            return visit.sign_in(username, f"guess {number}").status_code

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(guess, range(times)))


def test_guessing_stops_after_a_few_tries(web: Stack, account: Account, database: Database) -> None:
    """Even when all come at once. Taken out for a try: the refusal in attempts._take."""
    attacker = new_address()
    statuses = hammer(web, account.username, attacker, 4 * TRIES)
    assert sorted(statuses) == [400] * TRIES + [429] * (3 * TRIES)
    with Visit(web.url, address=attacker) as visit:
        answer = visit.sign_in(account.username, account.password)
        body = refused(answer, 429, "sign_in_throttled")
        assert 1 <= int(answer.headers["retry-after"]) <= 900
        assert body["remedy"]
    # The log holds each try that was looked at, and once that there were too many.
    subject = f"person:{account.pseudonym}"
    throttled = [one for one in database.entries("identity:sign_in:throttled") if one["subject"] == subject]
    tried = [one for one in database.entries("identity:sign_in:refused") if one["subject"] == subject]
    assert ([one["facts"]["counted"] for one in throttled], len(tried)) == (["pair"], TRIES)


def test_hammering_an_account_does_not_lock_its_person_out(web: Stack, account: Account) -> None:
    """Whoever hammers from elsewhere: the person gets in at another address, and on a device that they used before even
    at the attacker's own. Taken out for a try: the address in the names of rules.password_budgets, then the device."""
    attacker = new_address()
    with Visit(web.url) as laptop, Visit(web.url) as phone:
        assert laptop.sign_in(account.username, account.password).status_code == 200
        laptop.post(f"{SIGN_IN}/session", method="DELETE")
        assert 429 in hammer(web, account.username, attacker, 2 * TRIES)
        # Another address, nothing known of it.
        assert phone.sign_in(account.username, account.password).status_code == 200
        # The very address of the attack, in a browser where the person was before.
        laptop.http.headers["X-Forwarded-For"] = attacker
        assert laptop.sign_in(account.username, account.password).status_code == 200


def test_a_known_device_is_known_for_its_own_person_and_has_its_own_end(web: Stack, account: Account) -> None:
    """A cookie that is forged, or another's, is none. Taken out for a try: the signature of the device's cookie."""
    attacker = new_address()
    with Visit(web.url) as laptop:
        assert laptop.sign_in(account.username, account.password).status_code == 200
        laptop.post(f"{SIGN_IN}/session", method="DELETE")
        known = laptop.http.cookies["bailiwick_device"]
        tried = [laptop.sign_in(account.username, f"guess {number}").status_code for number in range(2 * TRIES + 1)]
        assert tried == [400] * 2 * TRIES + [429]
    assert 429 in hammer(web, account.username, attacker, 2 * TRIES)
    other = web.users["outsider"]
    with Visit(web.url) as theirs:
        assert theirs.sign_in(other["username"], other["password"]).status_code == 200
        of_another = theirs.http.cookies["bailiwick_device"]
    for planted in (of_another, known[:-1] + ("A" if known[-1] != "A" else "B"), "nonsense"):
        with Visit(web.url, address=attacker) as visit:
            visit.plant("bailiwick_device", planted)
            refused(visit.sign_in(account.username, account.password), 429, "sign_in_throttled")


def test_one_address_cannot_try_a_password_on_everybody(web: Stack) -> None:
    """Taken out for a try: the address's own budget in rules.password_budgets."""
    sprayer = new_address()
    with Visit(web.url, address=sprayer) as visit:
        statuses = [visit.sign_in(f"nobody-{number}", "Password123456").status_code for number in range(51)]
    assert statuses == [400] * 50 + [429]


def test_a_right_password_uses_nothing_up(web: Stack, account: Account) -> None:
    address = new_address()
    for _ in range(2 * TRIES):
        with Visit(web.url, address=address) as visit:
            assert visit.sign_in(account.username, account.password).status_code == 200


def test_signing_in_changes_the_cookie(web: Stack, account: Account) -> None:
    """Session fixation. Taken out for a try: the new key in SessionStore.cycle_key."""
    with Visit(web.url) as visit:
        # A session from before the sign-in, as an attacker would plant one: the passkey page begins it.
        assert visit.open().get(f"{SIGN_IN}/webauthn/login").status_code == 200
        planted = visit.http.cookies["bailiwick_session"]
        token = visit.http.cookies["csrftoken"]
        assert visit.sign_in(account.username, account.password).status_code == 200
        assert visit.http.cookies["bailiwick_session"] != planted
        assert visit.http.cookies["csrftoken"] != token
    for key in (planted, "made-up-by-somebody-else-made-up-by-somebody"):
        with Visit(web.url) as attacker:
            attacker.plant("bailiwick_session", key)
            assert attacker.me().status_code == 401
            assert attacker.get(f"{SIGN_IN}/session").status_code == 401
            assert attacker.sign_in(account.username, account.password).status_code == 200
            assert attacker.http.cookies["bailiwick_session"] != key


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRFToken": ""},
        {"X-CSRFToken": "x" * 32},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_another_page_signs_nobody_in(web: Stack, account: Account, headers: dict[str, str]) -> None:
    """Login CSRF. Taken out for a try: csrf.require_proof_or_form in doors.browser."""
    with Visit(web.url) as visit:
        body = {"username": account.username, "password": account.password}
        refused(visit.open().post(f"{SIGN_IN}/login", body, **headers), 403, "csrf_failed")
        visit.http.cookies.delete("csrftoken")
        refused(visit.post(f"{SIGN_IN}/login", body, **{"X-CSRFToken": "c" * 32}), 403, "csrf_failed")
        refused(visit.open().post(f"{SIGN_IN}/login", body, **{"Sec-Fetch-Site": "same-site"}), 403, "cross_origin")
        assert visit.me().status_code == 401


def test_another_origin_reads_nothing(web: Stack, account: Account) -> None:
    with Visit(web.url) as visit:
        visit.sign_in(account.username, account.password)
        for path in ("/api/v1/me", f"{SIGN_IN}/session"):
            for site in ("cross-site", "same-site"):
                headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors"}
                answer = visit.get(path, headers=headers)
                refused(answer, 403, "cross_origin")
                assert not [name for name in answer.headers if name.startswith("access-control-")]
            preflight = visit.http.options(path, headers={"Origin": "https://evil.example"})
            assert not [name for name in preflight.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(("column", "back"), [("last_seen_at", "60 minutes"), ("created_at", "12 hours")])
def test_an_idle_or_old_session_is_over_everywhere(
    web: Stack, account: Account, database: Database, column: str, back: str
) -> None:
    """The clock is moved in the database. Taken out for a try: as in test_sessions."""
    with Visit(web.url) as visit:
        visit.sign_in(account.username, account.password)
        assert visit.me().status_code == 200
        database.run(
            f"UPDATE identity_session SET {column} = {column} - interval '{back}' WHERE user_id = %s", account.id
        )
        refused(visit.me(), 401, "session_expired")
        assert visit.get(f"{SIGN_IN}/session").status_code == 401
        assert visit.get("/api/v1/sessions").status_code == 401
        assert visit.sign_in(account.username, account.password).status_code == 200
        assert visit.me().status_code == 200


def test_a_session_that_was_ended_elsewhere_is_over(web: Stack, account: Account) -> None:
    with Visit(web.url) as here, Visit(web.url) as there:
        for visit in (here, there):
            assert visit.sign_in(account.username, account.password).status_code == 200
        (target,) = [one["id"] for one in here.get("/api/v1/sessions").json()["results"] if not one["current"]]
        assert here.post(f"/api/v1/sessions/{target}/end").status_code == 200
        refused(there.me(), 401, "session_ended")
        assert there.get(f"{SIGN_IN}/session").status_code == 401
        assert here.me().status_code == 200


def test_another_password_needs_the_present_one_and_ends_the_other_sessions(
    web: Stack, account: Account, database: Database
) -> None:
    """Taken out for a try: the end of the others in actions.set_password."""
    change = f"{ACCOUNT}/password/change"
    with Visit(web.url) as here, Visit(web.url) as there:
        for visit in (here, there):
            visit.sign_in(account.username, account.password)
        mistaken(
            here.post(change, {"current_password": "wrong", "new_password": "another horse 77"}),
            "enter_current_password",
        )
        for weak in ("short", "password1234", account.username + "1234"):
            answer = here.post(change, {"current_password": account.password, "new_password": weak})
            assert answer.status_code == 400, weak
        body = {"current_password": account.password, "new_password": "another horse 77"}
        assert here.post(change, body).status_code == 200
        assert here.me().status_code == 200
        refused(there.me(), 401, "session_ended")
    with Visit(web.url) as visit:
        mistaken(visit.sign_in(account.username, account.password), "username_password_mismatch")
        assert visit.sign_in(account.username, "another horse 77").status_code == 200
    (changed,) = [one for one in database.entries("identity:password:changed") if one["actor"] == account.pseudonym]
    assert changed["facts"] == {}
    assert database.entries("identity:session:ended", person=account.pseudonym, how="password_changed")


def test_guessing_the_present_password_in_a_stolen_session_is_slow(web: Stack, account: Account) -> None:
    with Visit(web.url) as thief:
        thief.sign_in(account.username, account.password)
        answers = [
            thief.post(f"{SIGN_IN}/reauthenticate", {"password": f"guess {number}"}) for number in range(2 * TRIES)
        ]
        assert {answer.status_code for answer in answers} == {400}
        refused(thief.post(f"{SIGN_IN}/reauthenticate", {"password": account.password}), 429, "sign_in_throttled")
        body = {"current_password": account.password, "new_password": "another horse 77"}
        refused(thief.post(f"{ACCOUNT}/password/change", body), 429, "sign_in_throttled")


def test_nobody_makes_an_account_or_resets_a_password_by_mail(web: Stack) -> None:
    """What identity.browser_urls does not list is not there."""
    with Visit(web.url).open() as visit:
        for path in (
            f"{SIGN_IN}/signup",
            f"{SIGN_IN}/password/request",
            f"{SIGN_IN}/password/reset",
            f"{SIGN_IN}/code/request",
            f"{SIGN_IN}/provider/token",
            f"{SIGN_IN}/provider/signup",
            f"{SIGN_IN}/webauthn/signup",
            f"{ACCOUNT}/email",
            f"{ACCOUNT}/providers",
            "/_allauth/app/v1/auth/login",
            "/accounts/login/",
            "/accounts/signup/",
        ):
            answer = visit.post(path, {"username": "mallory", "password": "a long password"})
            assert answer.status_code == 404, path
        flows = visit.get(f"{SIGN_IN}/session").json()["data"]["flows"]
        assert {flow["id"] for flow in flows} == {"login", "mfa_login_webauthn"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"username": "a", "username": "b", "password": "c"}', 400),
        (b'{"username": "a\\u0000", "password": "c"}', 400),
        (b"\xff", 400),
        (b"[]", 400),
        (b'{"username": {"a": 1}, "password": ["x"]}', 400),
        (b'{"username": null, "password": null}', 400),
        (b"{}", 400),
        (b'{"username": "' + b"x" * 100_000 + b'", "password": "' + b"y" * 100_000 + b'"}', 400),
    ],
)
def test_nonsense_is_a_mistake_and_no_fault(web: Stack, body: bytes, status: int) -> None:
    with Visit(web.url).open() as visit:
        headers = {**visit.proof, "Content-Type": "application/json"}
        for path in ("login", "webauthn/login", "2fa/authenticate", "reauthenticate"):
            answer = visit.http.post(f"{SIGN_IN}/{path}", content=body, headers=headers)
            assert answer.status_code in (status, 401), (path, answer.text)
