"""Who has which role: asked for on record, and changed only once a signed checkpoint has the request."""

import uuid
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

import audit
from audit import Event
from audit.waiting import NotSigned, until_signed
from config.errors import NotFound, NotSignedInTime, concerning
from config.verdicts import require
from identity import queries, rules
from identity.actions.actors import actor
from identity.callers import Caller, pseudonym_of
from identity.models import Membership, Project, User
from identity.states import Role

# Twenty times what the sequencer needs.
SIGNED_WITHIN = 10.0


@dataclass(frozen=True)
class RoleChange:
    """A role that a person is to get or to lose, and the entry that asks for it; none where nothing would change."""

    entry: UUID | None
    project_id: UUID
    user_id: UUID
    role: Role
    given: bool

    @property
    def subject(self) -> str:
        """Who it is about, as the log names them."""
        return f"person:{pseudonym_of(self.user_id)}"


@audit.refusals
@transaction.atomic
def request_role_change(project: Project, user: User, role: Role, *, given: bool, by: Caller | None) -> RoleChange:
    """Record that a role is asked for, or its end.

    Raises Refused, Conflict for an account that is closed, or NotFound where there is no role to take.
    """
    wish = RoleChange(None, project.pk, user.pk, role, given)
    _require(wish, by)
    held = Membership.objects.filter(user=user, project=project, role=role.value).exists()
    if given and held:
        return wish
    if not held and not given:
        raise NotFound("member")
    facts = {"role": role.value, "change": "add" if given else "remove"}
    entry = audit.append(
        Event.MEMBER_CHANGE_REQUESTED, tenant=project.pk, actor=actor(by), subject=wish.subject, facts=facts
    )
    return RoleChange(entry, project.pk, user.pk, role, given)


def _require(change: RoleChange, by: Caller | None) -> None:
    with concerning(change.project_id, change.subject):
        if by is not None:
            require(rules.may_change_role(change.project_id, change.user_id, by))
        if change.given:
            # Whoever erases the person at this moment is waited for, and found.
            user = User.objects.select_for_update(no_key=True).only("is_active").get(pk=change.user_id)
            require(rules.may_be_given_a_role(user.is_active))


@audit.refusals
def change_role(change: RoleChange, *, by: Caller | None, membership_id: UUID | None = None) -> Membership | None:
    """Make a change that was asked for, once its request is signed; the membership that is there afterwards.

    Raises NotSignedInTime; Refused or Unauthenticated where the caller lost the right meanwhile; Conflict where the
    account was closed meanwhile.
    """
    if change.entry is not None:
        try:
            until_signed(change.entry, SIGNED_WITHIN)
        except NotSigned:
            raise NotSignedInTime(
                "The log did not sign the request in time, so the role was not changed.",
                tenant=change.project_id,
                subject=change.subject,
            ) from None
    if change.given:
        return _add(change, membership_id or uuid.uuid4(), by)
    _remove(change, by)
    return None


@transaction.atomic
def _add(change: RoleChange, membership_id: UUID, by: Caller | None) -> Membership:
    _require(change, by and queries.caller_again(by))
    membership, created = Membership.objects.get_or_create(
        user_id=change.user_id,
        project_id=change.project_id,
        role=change.role.value,
        defaults={"id": membership_id},
    )
    if created:
        _append(Event.MEMBER_ADDED, change, by)
    return membership


@transaction.atomic
def _remove(change: RoleChange, by: Caller | None) -> None:
    _require(change, by and queries.caller_again(by))
    held = Membership.objects.filter(user_id=change.user_id, project_id=change.project_id, role=change.role.value)
    deleted, _ = held.delete()
    if not deleted:
        raise NotFound("member")
    _append(Event.MEMBER_REMOVED, change, by)


def _append(event: Event, change: RoleChange, by: Caller | None) -> None:
    facts = {"role": change.role.value, "request": str(change.entry)}
    audit.append(event, tenant=change.project_id, actor=actor(by), subject=change.subject, facts=facts)


def add_member(
    project: Project, user: User, role: Role, *, by: Caller | None, membership_id: UUID | None = None
) -> Membership:
    """Give a person a role in a project; giving it twice changes nothing. Raises Refused and Conflict."""
    change = request_role_change(project, user, role, given=True, by=by)
    membership = change_role(change, by=by, membership_id=membership_id)
    assert membership is not None
    return membership


def remove_member(project: Project, user: User, role: Role, *, by: Caller | None) -> None:
    """Take a role from a person. Raises NotFound and Refused."""
    change_role(request_role_change(project, user, role, given=False, by=by), by=by)


@audit.refusals
def admit(project_id: UUID, username: str, role: Role, *, membership_id: UUID, by: Caller) -> Membership:
    """Give the person of that name a role, as a platform admin. Raises NotFound, Refused and Conflict."""
    project = _administered(project_id, by)
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound("person")
    return add_member(project, user, role, by=by, membership_id=membership_id)


@audit.refusals
def dismiss(project_id: UUID, membership_id: UUID, *, by: Caller) -> None:
    """Take one role from its person, as a platform admin. Raises NotFound and Refused."""
    project = _administered(project_id, by)
    held = Membership.objects.select_related("user").filter(pk=membership_id, project=project).first()
    if held is None:
        raise NotFound("member")
    remove_member(project, held.user, Role(held.role), by=by)


def _administered(project_id: UUID, by: Caller) -> Project:
    project = queries.project(by, project_id)
    with concerning(project.pk):
        require(rules.may_manage_members(project.pk, by))
    return project
