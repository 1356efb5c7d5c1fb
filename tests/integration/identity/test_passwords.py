"""Signing in by name and password, over HTTP, against the running platform."""

from tests.stack import Stack
from tests.visit import Visit


def test_the_demos_people_sign_in(web: Stack) -> None:
    for name, user in web.users.items():
        with Visit(web.url) as visit:
            answer = visit.sign_in(user["username"], user["password"])
            assert answer.status_code == 200, answer.text
            body = visit.me().json()
            assert body["username"] == name
            assert body["projects"]
