"""Rules that consider only the case and the person. A guard that refuses also hides the button.

The process page quotes the docstring of each guard.
"""

from datetime import timedelta

from bot.workflow import delivery_refusals, merging_refusals, moment_refusals
from bot.workflow import refusals as no
from bot.workflow.merging import pending_promise
from bot.workflow.refusal import Refusal
from bot.workflow.situation import Guard, Situation, Who, drafted_alone
from storage.vocabulary import SEVERITY_ORDER, Kind, Role, Severity, State


def drafter_never_signs(s: Situation) -> Refusal | None:
    """R1 and R4: a drafter signs only when alone in the center; a deputy who drafted any version never signs."""
    if s.case.sheet_drafter == s.person.id and not drafted_alone(s):
        return no.DrafterCannotSign()
    if s.person.id in s.case.sheet_drafters and Role.CENTER_MANAGER not in s.person.roles:
        return no.DeputyDrafted()
    return None


def modifier_never_tests(s: Situation) -> Refusal | None:
    """R2: the modifier of a build never tests it, without exception."""
    return no.ModifierCannotTest() if s.person.id == s.case.round.modifier else None


def manager_if_very_severe(*otherwise: Who) -> Guard:
    """Return the guard of R7: a very severe fault needs the center manager, any other case one of `otherwise`."""

    def guard(s: Situation) -> Refusal | None:
        if s.case.severity is Severity.VERY_SEVERE:
            return None if Role.CENTER_MANAGER in s.all_roles else no.VerySevereNeedsManager()
        return None if s.is_any(*otherwise) else no.OnlyIfVerySevere()

    return guard


def desk_or_manager_merges(s: Situation) -> Refusal | None:
    """R7 and rule 2.3: the center manager merges very severe faults, and cases whose agreed deadline may be earlier."""
    if s.case.severity is Severity.VERY_SEVERE:
        return None if Role.CENTER_MANAGER in s.all_roles else no.VerySevereNeedsManager()
    desk = s.is_any(Role.SERVICE_MANAGER, Role.TECHNICIAN)
    return None if desk or pending_promise(s.case) else no.OnlyIfVerySevere()


def still_an_analyst(s: Situation) -> Refusal | None:
    """A named analyst must still hold the role, which may have been removed since."""
    return None if s.all_roles & {Role.TESTER, Role.TECHNICIAN} else no.NoLongerAnalyst()


def manager_can_only_lower(s: Situation) -> Refusal | None:
    """R6: the center manager can only lower a severity, and the lowest cannot be lowered."""
    analyst = s.all_roles & {Role.TESTER, Role.TECHNICIAN}
    return no.OnlyLowering() if not analyst and s.case.severity is SEVERITY_ORDER[0] else None


def never_if_very_severe(s: Situation) -> Refusal | None:
    """R7: a very severe fault is never closed unanswered."""
    return no.VerySevereStaysOpen() if s.case.severity is Severity.VERY_SEVERE else None


def customer_was_reached(s: Situation) -> Refusal | None:
    """What was not delivered to the customer is not the customer's silence (§3.8)."""
    if s.case.words_under_way:
        return delivery_refusals.WordsUnderWay()
    return delivery_refusals.CustomerNotReached() if s.case.undelivered is not None else None


def reminded_enough(s: Situation) -> Refusal | None:
    """Closing unanswered needs the set number of unanswered reminders over the set number of days."""
    policy, since = s.policy, s.case.waiting_since
    long_enough = since is not None and s.now - since >= policy.unanswered_within
    if s.case.unanswered_reminders >= policy.unanswered_reminders and long_enough:
        return None
    return no.NotRemindedEnough(policy.unanswered_reminders, policy.unanswered_within.days)


def reopened_in_time(s: Situation) -> Refusal | None:
    """Reopening is possible for the set number of days after closing."""
    closed = s.case.closed_at
    if closed is not None and s.now - closed <= s.policy.reopen_within:
        return None
    return no.ReopenTooLate(s.policy.reopen_within // timedelta(days=1))


def may_be_reopened(s: Situation) -> bool:
    """Return whether a closed case can still be reopened by somebody."""
    return reopened_in_time(s) is None and was_fault_or_question(s) is None


def was_fault_or_question(s: Situation) -> Refusal | None:
    """A case that was handed over or never triaged cannot be reopened."""
    return None if s.case.kind in (Kind.FAULT, Kind.QUESTION) else no.NothingToReopen()


def fault_is_published(s: Situation) -> Refusal | None:
    """Severity and deadline can be changed only once the analysis report is published."""
    published = s.case.kind is Kind.FAULT and s.case.report_published
    return None if published else no.NoFaultYet()


def deadline_can_change(s: Situation) -> Refusal | None:
    """In analysis, a deadline can be changed once there is one; afterwards, once the report is published (rule 2.4)."""
    if s.case.state is not State.ANALYSIS:
        return fault_is_published(s)
    return None if s.case.deadline_at is not None else moment_refusals.NoDeadlineYet()


def fault_is_finished(s: Situation) -> Refusal | None:
    """A fault is closed only with a published report, a severity row and a reply."""
    case = s.case
    if case.kind is not Kind.FAULT:
        return None
    return None if case.report_published and case.severity and case.resolved_at else no.Unfinished()


def build_is_tested(s: Situation) -> Refusal | None:
    """A release needs a passing test newer than the last modification."""
    return None if s.case.round.passed else no.UntestedRelease()


def not_on_hold(s: Situation) -> Refusal | None:
    """A case cannot be put on hold twice."""
    return no.OnHoldAlready() if s.case.on_hold else None


def on_hold(s: Situation) -> Refusal | None:
    """Only a case on hold can be resumed."""
    return None if s.case.on_hold else no.NotOnHold()


def no_discussion(s: Situation) -> Refusal | None:
    """An open discussion must be closed first, because its outcome would be lost."""
    return no.DiscussionOpen() if s.case.in_discussion else None


def discussion(s: Situation) -> Refusal | None:
    """Only an open discussion can be closed."""
    return None if s.case.in_discussion else no.NoDiscussion()


def has_no_duplicates(s: Situation) -> Refusal | None:
    """A case that others were merged into cannot be merged itself, because they point to it."""
    return merging_refusals.HasDuplicates() if s.case.has_duplicates else None
