"""Whose traces they are, who erases and who holds."""

import pytest

from identity.models import Project
from identity.states import Role
from tests.people import Person, make_person, make_project


@pytest.fixture
def project() -> Project:
    """A project of one test."""
    return make_project()


@pytest.fixture
def auditor(project: Project) -> Person:
    """Who audits it."""
    return make_person((project, Role.AUDITOR))


@pytest.fixture
def admin(project: Project) -> Person:
    """Its platform admin, who erases."""
    return make_person((project, Role.PLATFORM_ADMIN))
