"""Rules that look at the case and the person alone. A guard that refuses also hides the button."""

from datetime import timedelta

from bot.workflow import refusals as no
from bot.workflow.refusal import Refusal
from bot.workflow.situation import Guard, Situation, Who, drafted_alone
from storage.vocabulary import SEVERITY_ORDER, Kind, Role, Severity


def drafter_never_signs(s: Situation) -> Refusal | None:
    """R1 and R4: not the drafter of this version; a deputy not if they drafted any version."""
    if s.case.sheet_drafter == s.person.id and not drafted_alone(s):
        return no.DrafterCannotSign()
    if s.person.id in s.case.sheet_drafters and Role.CENTER_MANAGER not in s.person.roles:
        return no.DeputyDrafted()
    return None


def modifier_never_tests(s: Situation) -> Refusal | None:
    """R2, without exception."""
    return no.ModifierCannotTest() if s.person.id == s.case.round.modifier else None


def manager_if_very_severe(*otherwise: Who) -> Guard:
    """R7: a very severe fault needs the center manager; any other case belongs to `otherwise`."""

    def guard(s: Situation) -> Refusal | None:
        if s.case.severity is Severity.VERY_SEVERE:
            return None if Role.CENTER_MANAGER in s.all_roles else no.VerySevereNeedsManager()
        return None if s.is_any(*otherwise) else no.OnlyIfVerySevere()

    return guard


def still_an_analyst(s: Situation) -> Refusal | None:
    """A place on the case is not enough: the role may have been taken away since."""
    return None if s.all_roles & {Role.TESTER, Role.TECHNICIAN} else no.NoLongerAnalyst()


def manager_can_only_lower(s: Situation) -> Refusal | None:
    """R6: the center manager's part in severities is lowering them."""
    analyst = s.all_roles & {Role.TESTER, Role.TECHNICIAN}
    return no.OnlyLowering() if not analyst and s.case.severity is SEVERITY_ORDER[0] else None


def never_if_very_severe(s: Situation) -> Refusal | None:
    """R7: a very severe fault is never closed unanswered."""
    return no.VerySevereStaysOpen() if s.case.severity is Severity.VERY_SEVERE else None


def reminded_enough(s: Situation) -> Refusal | None:
    """Closing unanswered: so many reminders, over so many days, went unanswered."""
    policy, since = s.policy, s.case.waiting_since
    long_enough = since is not None and s.now - since >= policy.unanswered_within
    if s.case.unanswered_reminders >= policy.unanswered_reminders and long_enough:
        return None
    return no.NotRemindedEnough(policy.unanswered_reminders, policy.unanswered_within.days)


def reopened_in_time(s: Situation) -> Refusal | None:
    """Reopening is possible for so many days after the closing."""
    closed = s.case.closed_at
    if closed is not None and s.now - closed <= s.policy.reopen_within:
        return None
    return no.ReopenTooLate(s.policy.reopen_within // timedelta(days=1))


def was_fault_or_question(s: Situation) -> Refusal | None:
    """What was handed over or never triaged has nothing to reopen."""
    return None if s.case.kind in (Kind.FAULT, Kind.QUESTION) else no.NothingToReopen()


def fault_is_published(s: Situation) -> Refusal | None:
    """There is a severity to change, and a deadline."""
    published = s.case.kind is Kind.FAULT and s.case.report_published
    return None if published else no.NoFaultYet()


def fault_is_finished(s: Situation) -> Refusal | None:
    """No fault is closed without a published report, a severity row and a reply."""
    case = s.case
    if case.kind is not Kind.FAULT:
        return None
    return None if case.report_published and case.severity and case.resolved_at else no.Unfinished()


def build_is_tested(s: Situation) -> Refusal | None:
    """No release without a passing test newer than the last modification."""
    return None if s.case.round.passed else no.UntestedRelease()


def not_on_hold(s: Situation) -> Refusal | None:
    """Not held already."""
    return no.OnHoldAlready() if s.case.on_hold else None


def on_hold(s: Situation) -> Refusal | None:
    """Held, so that it can be resumed."""
    return None if s.case.on_hold else no.NotOnHold()


def no_discussion(s: Situation) -> Refusal | None:
    """No discussion is open whose outcome would be lost."""
    return no.DiscussionOpen() if s.case.in_discussion else None


def discussion(s: Situation) -> Refusal | None:
    """A discussion is open, so that it can be closed."""
    return None if s.case.in_discussion else no.NoDiscussion()


def has_no_duplicates(s: Situation) -> Refusal | None:
    """A case that others were merged into stays where they point."""
    return no.HasDuplicates() if s.case.has_duplicates else None
