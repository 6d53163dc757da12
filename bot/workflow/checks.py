"""Rules that consider the answers. They run once every field is clean, and report a problem at its field.

The process page quotes the docstring of each check.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.workflow import merging_refusals, moment_refusals
from bot.workflow import refusals as no
from bot.workflow.guards import may_be_reopened
from bot.workflow.merging import earlier_deadline
from bot.workflow.people import ROLES_OF_PLACE, may_fill, reassigned
from bot.workflow.refusal import Problem
from bot.workflow.severity import raises_severity
from bot.workflow.situation import Check, Situation, facts
from storage.vocabulary import END_STATES, SEVERITY_ORDER, Place, Role, Severity, State, Step


def named_hold(field: str, role: Role) -> Check:
    """Return a check that everybody named in `field` holds `role`."""

    def check(s: Situation) -> Problem | None:
        fits = all(s.center.holds(person, role) for person in _people(s.answers.get(field)))
        return None if fits else Problem(no.NotOfRole((role,)), field)

    return check


def _people(value: Any) -> Iterable[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def analysts_are_named(s: Situation) -> Problem | None:
    """The report's analysts are testers and technicians of this case."""
    fits = set(s.answers["analysts"]) <= s.case.analysts
    return None if fits else Problem(no.NotAnAnalyst(), "analysts")


def severity_not_lowered(s: Situation) -> Problem | None:
    """R6, for a report that is published again with a lower severity."""
    old, new = s.case.severity, Severity(s.answers["severity"])
    lowered = old is not None and SEVERITY_ORDER.index(new) < SEVERITY_ORDER.index(old)
    if lowered and Role.CENTER_MANAGER not in s.all_roles:
        return Problem(no.LoweringNeedsManager(), "severity")
    return None


def severity_changes(s: Situation) -> Problem | None:
    """A change of severity must change it."""
    return Problem(no.SameSeverity(), "severity") if s.answers["severity"] == s.case.severity else None


def raised_by_analysts(s: Situation) -> Problem | None:
    """R6: only testers and technicians raise a severity; the center manager lowers it."""
    analyst = s.all_roles & {Role.TESTER, Role.TECHNICIAN}
    if raises_severity({**s.answers, **facts(s)}) and not analyst:
        return Problem(no.OnlyLowering(), "severity")
    return None


def deadline_changes(s: Situation) -> Problem | None:
    """A change of deadline must change it."""
    same = s.answers["deadline_at"] == s.case.deadline_at
    return Problem(moment_refusals.SameDeadline(), "deadline_at") if same else None


def verified_by_another(s: Situation) -> Problem | None:
    """The handling of a very severe fault is verified by another person."""
    same = s.case.severity is Severity.VERY_SEVERE and s.answers["verified_by"] == s.person.id
    return Problem(no.VerifierIsOwner(), "verified_by") if same else None


def tests_the_submitted_build(s: Situation) -> Problem | None:
    """A test must be of the submitted build; a test of another build does not prove the last modification."""
    build = s.case.round.build
    other = build is not None and s.answers["build"] != build
    return Problem(no.OtherBuild(build or ""), "build") if other else None


def every_case_passed(s: Situation) -> Problem | None:
    """A passed test has no failed test case."""
    for line, case in enumerate(s.answers["cases"], start=1):
        if not case["passed"]:
            return Problem(no.CaseFailed(line), "cases")
    return None


def person_leaves_place(s: Situation) -> Problem | None:
    """Whoever leaves a place holds it."""
    leaves = s.answers.get("from_person")
    held = s.case.at(Place(s.answers["place"]))
    return Problem(no.NotThere(), "from_person") if leaves and leaves not in held else None


def person_fits_place(s: Situation) -> Problem | None:
    """Whoever takes a place fits its roles and does not hold it yet; the modifier of a build is not its tester."""
    place, person = Place(s.answers["place"]), s.answers.get("person")
    if person is None:
        return None
    if place in ROLES_OF_PLACE and person not in may_fill(place, s.center):
        return Problem(no.NotOfRole(ROLES_OF_PLACE[place]), "person")
    if person in s.case.at(place):
        return Problem(no.AlreadyThere(), "person")
    if place is Place.TESTERS and person in _modifiers(s):
        return Problem(no.ModifierAsTester(), "person")
    if place is Place.MODIFIER and s.case.at(Place.TESTERS) == {person}:
        return Problem(no.ModifierAsTester(), "person")
    return None


def tester_remains(s: Situation) -> Problem | None:
    """R2: whoever leaves the testers leaves one who is not the modifier of this build."""
    leaves = Place(s.answers["place"]) is Place.TESTERS and "person" not in s.answers
    return Problem(no.OnlyModifierLeft(), "from_person") if leaves and reassigned(s) <= _modifiers(s) else None


def _modifiers(s: Situation) -> frozenset[str | None]:
    """Return the modifier of the build under test and who holds the place."""
    return s.case.at(Place.MODIFIER) | {s.case.round.modifier}


def master_fits(s: Situation) -> Problem | None:
    """The master is another open case of the same product and is not itself a duplicate."""
    master = s.master
    if master is None:
        return Problem(no.NoSuchCase(str(s.answers["master"])), "master")
    if master.id == s.case.id:
        return Problem(merging_refusals.MasterIsSelf(), "master")
    if master.state is State.DUPLICATE:
        return Problem(merging_refusals.MasterIsDuplicate(master.number), "master")
    if master.product != s.case.product:
        return Problem(merging_refusals.MasterOfOtherProduct(master.number), "master")
    if master.state is State.CLOSED and may_be_reopened(replace(s, case=master)):
        return Problem(merging_refusals.MasterIsClosed(master.number, Step.REOPEN), "master")
    if master.state in END_STATES:
        return Problem(merging_refusals.MasterHasEnded(master.number, master.state), "master")
    return None


def manager_moves_deadlines_only(s: Situation) -> Problem | None:
    """An agreed deadline that is earlier than the master's needs the center manager; any other the service desk."""
    deadline = earlier_deadline(s.case, s.master) if s.master else None
    if s.master is not None and deadline is not None and Role.CENTER_MANAGER not in s.all_roles:
        return Problem(merging_refusals.EarlierDeadline(s.case.number, deadline, s.master.number), "master")
    very_severe = s.case.severity is Severity.VERY_SEVERE
    if deadline is not None or very_severe or s.is_any(Role.SERVICE_MANAGER, Role.TECHNICIAN):
        return None
    return Problem(merging_refusals.DeskMerges(), "master")
