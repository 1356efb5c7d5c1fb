"""Whose log is searched, and by whom."""

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
