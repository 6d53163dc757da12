"""What each kind of message is, in words that people read who may not read the message itself."""

from bot.casework.steps.notify import MessageKind
from bot.i18n.translator import Translator, _

_KINDS = {
    MessageKind.CARD: _("the card of a case"),
    MessageKind.CARD_MOVED: _("the card of a case in the new channel"),
    MessageKind.CARD_LEFT: _("the link to the new card of a case"),
    MessageKind.STORY: _("a line in the thread of a case"),
    MessageKind.NOTICE: _("news about a case"),
    MessageKind.TASK: _("a task"),
    MessageKind.SETTLE: _("the update of a finished task"),
    MessageKind.DISCUSSION: _("a discussion"),
    MessageKind.CUSTOMER: _("a message for the customer"),
    MessageKind.FOLLOWER: _("a message for the customer of a duplicate"),
    MessageKind.DUPLICATE_COMMENT: _("a comment on a duplicate"),
    MessageKind.REROUTED: _("the notice that a message for the customer went elsewhere"),
    MessageKind.REMINDER: _("a reminder"),
    MessageKind.REMINDER_EDIT: _("the notice that a reminder was acknowledged"),
    MessageKind.HELP_WANTED: _("a call for help"),
    MessageKind.UNDELIVERED: _("a request to pass a message on"),
    MessageKind.NOT_REACHED: _("the notice that a message did not reach the customer"),
    MessageKind.VACANT: _("the notice that nobody can act on a case"),
    MessageKind.VACANT_CASES: _("the list of cases that nobody can act on"),
    MessageKind.ROLE_VACANT: _("the notice that nobody has a role"),
    MessageKind.NO_DESK: _("the notice that there is no service-desk channel"),
    MessageKind.LEFT: _("the list of open assignments of somebody who left"),
    MessageKind.REASSIGNED: _("the outcome of a reassignment"),
    MessageKind.CONVERSATION: _("an answer to a message"),
    MessageKind.EVENTS_LOST: _("the notice that Slack dropped events"),
    MessageKind.FETCH_FILE: _("a file of a case that is to be kept"),
    MessageKind.THREAD_FILES: _("files of a case for its thread"),
    MessageKind.SENT_FILE: _("a file of a case that somebody asked for"),
    MessageKind.SENT_FILE_LOST: _("the notice that a file could not be sent"),
    MessageKind.FILE: _("a document"),
    MessageKind.FILE_LOST: _("the notice that a document could not be made"),
    MessageKind.REPORT: _("a statistics report"),
    MessageKind.REPORT_EDIT: _("a change of a statistics report"),
    MessageKind.CHECKPOINT: _("the nightly checkpoint"),
    MessageKind.KEY_LOST: _("the notice that the signing key was lost"),
    MessageKind.RESTORED: _("the notice that the data were restored"),
}


def kind_of(view: str, t: Translator) -> str:
    """Return what a message of this view is; one of another version is named by its code."""
    return t(_KINDS[view]) if view in _KINDS else view
