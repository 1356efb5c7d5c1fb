"""Second factors and passkeys, over HTTP, with an authenticator app and a passkey in software."""

import json
from typing import Any

import httpx
import pytest

from tests.authenticator import Passkey, totp
from tests.integration.identity.conftest import Account, Database
from tests.integration.identity.test_passwords import TRIES, mistaken, refused
from tests.stack import Stack
from tests.visit import ACCOUNT, SIGN_IN, Visit, new_address

TOTP, CODES, KEYS = (f"{ACCOUNT}/authenticators/{kind}" for kind in ("totp", "recovery-codes", "webauthn"))


@pytest.fixture
def url(web: Stack) -> str:
    """The platform under a name: browsers give no passkey to a bare address."""
    return web.url.replace("127.0.0.1", "localhost")


def flows(answer: httpx.Response) -> dict[str, Any]:
    """The steps that are open, by name."""
    assert answer.status_code == 401, answer.text
    return {flow["id"]: flow for flow in answer.json()["data"]["flows"]}


def prove_again(visit: Visit, account: Account) -> None:
    """Show the password once more, as what matters asks for."""
    assert visit.post(f"{SIGN_IN}/reauthenticate", {"password": account.password}).status_code == 200


def enrolled(visit: Visit, account: Account) -> str:
    """Sign in and set up an authenticator app; its secret."""
    assert visit.sign_in(account.username, account.password).status_code == 200
    prove_again(visit, account)
    secret = str(visit.get(TOTP).json()["meta"]["secret"])
    # The code of the step before, so that the one of now is not used up.
    answer = visit.post(TOTP, {"code": totp(secret, steps=-1)})
    assert answer.status_code == 200, answer.text
    return secret


def with_passkey(visit: Visit, account: Account, *, verified: bool = True) -> Passkey:
    """Sign in and make a passkey."""
    assert visit.sign_in(account.username, account.password).status_code == 200
    prove_again(visit, account)
    options = visit.get(KEYS, params={"passwordless": ""}).json()["data"]["creation_options"]
    passkey = Passkey(visit.url, verified=verified)
    answer = visit.post(KEYS, {"name": "laptop", "credential": passkey.create(options)})
    assert answer.status_code == 200, answer.text
    return passkey


def challenge(visit: Visit) -> dict[str, Any]:
    """What to sign, to sign in by a passkey alone."""
    found: dict[str, Any] = visit.open().get(f"{SIGN_IN}/webauthn/login").json()["data"]["request_options"]
    return found


def by_passkey(visit: Visit, passkey: Passkey, **changed: Any) -> httpx.Response:
    return visit.post(f"{SIGN_IN}/webauthn/login", {"credential": passkey.get(challenge(visit), **changed)})


def ways(database: Database, account: Account) -> list[list[str]]:
    """By which ways the person signed in, each time."""
    return [one["facts"]["ways"] for one in database.entries("identity:session:started", person=account.pseudonym)]


def factors(database: Database, account: Account) -> list[tuple[str, str]]:
    """Which factors came and went."""
    return [
        (event, one["facts"]["kind"])
        for event in ("added", "removed")
        for one in database.entries(f"identity:factor:{event}")
        if one["actor"] == account.pseudonym
    ]


def test_a_code_is_asked_for_after_the_password(web: Stack, account: Account, database: Database) -> None:
    """Taken out for a try: MFA's stage in the adapter's get_login_stages."""
    with Visit(web.url) as visit:
        secret = enrolled(visit, account)
        assert visit.me().json()["mfa"] == {"totp": True, "passkeys": 0}
    with Visit(web.url) as visit:
        step = flows(visit.sign_in(account.username, account.password))["mfa_authenticate"]
        assert (step["is_pending"], set(step["types"])) == (True, {"totp", "recovery_codes"})
        # Half-way in is not in.
        assert visit.me().status_code == 401
        assert visit.get(f"{ACCOUNT}/authenticators").status_code == 401
        mistaken(visit.post(f"{SIGN_IN}/2fa/authenticate", {"code": "000000"}), "incorrect_code")
        assert visit.post(f"{SIGN_IN}/2fa/authenticate", {"code": totp(secret)}).status_code == 200
        assert visit.me().status_code == 200
    assert ways(database, account) == [["password"], ["password", "totp"]]
    assert factors(database, account) == [("added", "totp"), ("added", "recovery_codes")]
    refusals = database.entries("identity:sign_in:refused", reason="second_factor")
    assert f"person:{account.pseudonym}" in [one["subject"] for one in refusals]


def test_a_code_opens_once(web: Stack, account: Account) -> None:
    """Whoever looked over the shoulder is late. Taken out for a try: Once.add always True."""
    with Visit(web.url) as visit:
        secret = enrolled(visit, account)
    code = totp(secret)
    with Visit(web.url) as first, Visit(web.url) as second:
        for visit in (first, second):
            flows(visit.sign_in(account.username, account.password))
        assert first.post(f"{SIGN_IN}/2fa/authenticate", {"code": code}).status_code == 200
        mistaken(second.post(f"{SIGN_IN}/2fa/authenticate", {"code": code}), "incorrect_code")


def test_the_code_that_set_the_app_up_is_used_up(web: Stack, account: Account) -> None:
    """Taken out for a try: browser.AuthenticatorApp.post."""
    with Visit(web.url) as visit:
        visit.sign_in(account.username, account.password)
        prove_again(visit, account)
        code = totp(str(visit.get(TOTP).json()["meta"]["secret"]))
        assert visit.post(TOTP, {"code": code}).status_code == 200
    with Visit(web.url) as late:
        flows(late.sign_in(account.username, account.password))
        mistaken(late.post(f"{SIGN_IN}/2fa/authenticate", {"code": code}), "incorrect_code")


def test_guessing_codes_stops_and_known_devices_stay_free(web: Stack, account: Account) -> None:
    """The attacker has the password. Taken out for a try: attempts.at_code in SecondFactor; then the device in
    rules.code_budgets."""
    attacker = new_address()
    with Visit(web.url) as home:
        secret = enrolled(home, account)
        home.post(f"{SIGN_IN}/session", method="DELETE")
        for _ in range(2):
            with Visit(web.url, address=attacker) as visit:
                flows(visit.sign_in(account.username, account.password))
                for number in range(TRIES):
                    answer = visit.post(f"{SIGN_IN}/2fa/authenticate", {"code": f"{number:06}"})
        refused(answer, 429, "sign_in_throttled")
        home.http.headers["X-Forwarded-For"] = attacker
        flows(home.sign_in(account.username, account.password))
        assert home.post(f"{SIGN_IN}/2fa/authenticate", {"code": totp(secret)}).status_code == 200


def test_the_secret_is_sealed_in_the_database(web: Stack, account: Account, database: Database) -> None:
    """Taken out for a try: MFAAdapter.encrypt."""
    with Visit(web.url) as visit:
        secret = enrolled(visit, account)
    rows = database.run("SELECT data::text FROM mfa_authenticator WHERE user_id = %s", account.id)
    assert len(rows) == 2
    assert all(secret not in row and secret.lower() not in row for (row,) in rows)


def test_a_recovery_code_opens_once_and_is_shown_once(web: Stack, account: Account, database: Database) -> None:
    with Visit(web.url) as visit:
        enrolled(visit, account)
        shown = visit.get(CODES).json()["data"]
        assert len(shown["unused_codes"]) == 10
        assert all(len(code) == 10 for code in shown["unused_codes"])
        assert "unused_codes" not in visit.get(CODES).json()["data"]
    code = shown["unused_codes"][0]
    for status in (200, 400):
        with Visit(web.url) as visit:
            flows(visit.sign_in(account.username, account.password))
            assert visit.post(f"{SIGN_IN}/2fa/authenticate", {"code": code}).status_code == status
    assert ways(database, account)[-1] == ["password", "recovery_codes"]
    with Visit(web.url) as visit:
        flows(visit.sign_in(account.username, account.password))
        assert visit.post(f"{SIGN_IN}/2fa/authenticate", {"code": shown["unused_codes"][1]}).status_code == 200
        prove_again(visit, account)
        anew = visit.post(CODES).json()["data"]["unused_codes"]
        assert set(anew).isdisjoint(shown["unused_codes"])


def test_a_way_in_is_changed_only_by_who_proves_it_again(web: Stack, account: Account, database: Database) -> None:
    """A page left open is not enough. Taken out for a try: MFA_REAUTHENTICATION_REQUIRED = False."""
    with Visit(web.url) as visit:
        visit.sign_in(account.username, account.password)
        secret = visit.get(TOTP).json()["meta"]["secret"]
        wish = {"code": totp(secret)}
        assert set(flows(visit.post(TOTP, wish))) >= {"reauthenticate"}
        assert flows(visit.get(KEYS))["reauthenticate"]
        assert factors(database, account) == []
        prove_again(visit, account)
        assert visit.post(TOTP, wish).status_code == 200
    with Visit(web.url) as other:
        flows(other.sign_in(account.username, account.password))
        other.post(f"{SIGN_IN}/2fa/authenticate", {"code": totp(secret, steps=1)})
        assert other.me().status_code == 200
        assert flows(other.post(TOTP, method="DELETE"))["reauthenticate"]
        assert other.me().json()["mfa"]["totp"] is True
        prove_again(other, account)
        assert other.post(TOTP, method="DELETE").status_code == 200
        assert other.me().json()["mfa"]["totp"] is False
    assert sorted(factors(database, account)) == [
        ("added", "recovery_codes"),
        ("added", "totp"),
        ("removed", "recovery_codes"),
        ("removed", "totp"),
    ]


def test_without_its_record_no_factor_is_added(web: Stack, account: Account, database: Database) -> None:
    """No record, no action. Taken out for a try: the transaction in AccountAdapter.login, so that the session stood."""
    with Visit(web.url) as visit:
        visit.sign_in(account.username, account.password)
        prove_again(visit, account)
        secret = visit.get(TOTP).json()["meta"]["secret"]
        database.run("REVOKE INSERT (id) ON audit_entry FROM bailiwick_app")
        try:
            refused(visit.post(TOTP, {"code": totp(secret)}), 503, "not_recorded")
            with Visit(web.url) as other:
                refused(other.sign_in(account.username, account.password), 503, "not_recorded")
                assert other.me().status_code == 401
            live = "SELECT count(*) FROM identity_session WHERE user_id = %s AND ended_at IS NULL"
            assert database.run(live, account.id) == [(1,)]
            # To end is never refused.
            assert visit.post(f"{SIGN_IN}/session", method="DELETE").status_code == 401
            assert visit.me().status_code == 401
        finally:
            database.run("GRANT INSERT (id) ON audit_entry TO bailiwick_app")
    assert database.run("SELECT 1 FROM mfa_authenticator WHERE user_id = %s", account.id) == []
    assert factors(database, account) == []


def test_without_its_record_no_passkey_is_added_or_removed(url: str, account: Account, database: Database) -> None:
    """Taken out for a try: the transaction of browser._Whole."""
    with Visit(url) as visit:
        with_passkey(visit, account)
        (kept,) = [one for one in visit.get(f"{ACCOUNT}/authenticators").json()["data"] if one["type"] == "webauthn"]
        options = visit.get(KEYS, params={"passwordless": ""}).json()["data"]["creation_options"]
        another = Passkey(visit.url).create(options)
        database.run("REVOKE INSERT (id) ON audit_entry FROM bailiwick_app")
        try:
            refused(visit.post(KEYS, {"name": "another", "credential": another}), 503, "not_recorded")
            refused(visit.post(KEYS, {"authenticators": [kept["id"]]}, method="DELETE"), 503, "not_recorded")
        finally:
            database.run("GRANT INSERT (id) ON audit_entry TO bailiwick_app")
        assert visit.me().json()["mfa"]["passkeys"] == 1


def test_a_passkey_signs_in_alone(url: str, account: Account, database: Database) -> None:
    with Visit(url) as visit:
        passkey = with_passkey(visit, account)
        assert visit.me().json()["mfa"] == {"totp": False, "passkeys": 1}
    with Visit(url) as visit:
        answer = by_passkey(visit, passkey)
        assert answer.status_code == 200, answer.text
        assert visit.me().json()["username"] == account.username
    assert ways(database, account)[-1] == ["passkey"]
    assert ("added", "webauthn") in factors(database, account)
    # And after the password, it is a second factor.
    with Visit(url) as visit:
        assert "webauthn" in flows(visit.sign_in(account.username, account.password))["mfa_authenticate"]["types"]
        options = visit.get(f"{SIGN_IN}/webauthn/authenticate").json()["data"]["request_options"]
        signed = {"credential": passkey.get(options)}
        assert visit.post(f"{SIGN_IN}/webauthn/authenticate", signed).status_code == 200
    assert ways(database, account)[-1] == ["password", "security_key"]


def test_a_passkey_that_does_not_fit_opens_nothing(url: str, account: Account, database: Database) -> None:
    """Each fault alone. Taken out for a try: nothing of ours; the checks are django-allauth's and fido2's."""
    with Visit(url) as visit:
        passkey = with_passkey(visit, account)

    def tried(held: Passkey, **changed: Any) -> int:
        with Visit(url) as visit:
            status = by_passkey(visit, held, **changed).status_code
            assert visit.me().status_code == (200 if status == 200 else 401)
            return status

    assert tried(passkey) == 200
    assert tried(passkey, challenge="another-challenge-of-another-time") == 400
    assert tried(passkey, rpId="evil.example") == 400
    for origin in ("https://evil.example", "http://127.0.0.1:1", "http://localhost.evil.example"):
        assert tried(Passkey(origin, key=passkey.key, id=passkey.id, person=passkey.person)) == 400
    # Found on the way, without the finger or PIN that it asks for.
    assert tried(Passkey(url, False, passkey.key, passkey.id, passkey.person)) == 400
    assert tried(Passkey(url, id=passkey.id, person=passkey.person)) == 400
    assert tried(Passkey(url, key=passkey.key, person=passkey.person)) == 400
    assert database.entries("identity:sign_in:refused", reason="passkey")


def test_a_signature_opens_once(url: str, account: Account) -> None:
    with Visit(url) as visit:
        passkey = with_passkey(visit, account)
    with Visit(url) as visit:
        signed = {"credential": passkey.get(challenge(visit))}
        assert visit.post(f"{SIGN_IN}/webauthn/login", signed).status_code == 200
        visit.post(f"{SIGN_IN}/session", method="DELETE")
        assert visit.open().post(f"{SIGN_IN}/webauthn/login", signed).status_code == 400
        challenge(visit)
        assert visit.post(f"{SIGN_IN}/webauthn/login", signed).status_code == 400


def test_nonsense_for_a_passkey_is_a_mistake_and_no_fault(url: str) -> None:
    good = {"clientDataJSON": "e30", "authenticatorData": "e30", "signature": "e30", "userHandle": "e30"}
    with Visit(url) as visit:
        challenge(visit)
        credentials: list[Any] = [
            None,
            "x",
            [],
            {},
            {"response": None},
            {"id": "e30", "rawId": "e30", "type": "public-key", "response": None},
            {"id": "e30", "rawId": "e30", "type": "public-key", "response": good},
            {"id": "e30", "rawId": "e30", "type": "public-key", "response": {**good, "userHandle": 7}},
            {"id": 1, "rawId": [], "type": {}, "response": {}},
        ]
        for credential in credentials:
            answer = visit.post(f"{SIGN_IN}/webauthn/login", {"credential": credential})
            assert answer.status_code == 400, json.dumps(credential)


def test_a_passkey_is_renamed_and_removed_by_its_person_alone(url: str, web: Stack, account: Account) -> None:
    with Visit(url) as visit:
        passkey = with_passkey(visit, account)
        (listed,) = [one for one in visit.get(f"{ACCOUNT}/authenticators").json()["data"] if one["type"] == "webauthn"]
        with Visit(url) as other:
            user = web.users["outsider"]
            other.sign_in(user["username"], user["password"])
            other.post(f"{SIGN_IN}/reauthenticate", {"password": user["password"]})
            assert other.post(KEYS, {"authenticators": [listed["id"]]}, method="DELETE").status_code == 400
            assert other.post(KEYS, {"id": listed["id"], "name": "mine"}, method="PUT").status_code == 400
        renamed = visit.post(KEYS, {"id": listed["id"], "name": "the laptop"}, method="PUT")
        assert renamed.json()["data"]["name"] == "the laptop"
        assert visit.post(KEYS, {"authenticators": [listed["id"]]}, method="DELETE").status_code == 200
        assert visit.me().json()["mfa"]["passkeys"] == 0
    with Visit(url) as visit:
        assert by_passkey(visit, passkey).status_code == 400
