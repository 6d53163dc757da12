"""The message to admins that nobody holds a role of the process."""

from bot.i18n.translator import Translator, _
from bot.slack.views.message import Message, message, section
from storage.vocabulary import Role

#: What stands still while nobody holds a role.
VACANT: dict[Role, str] = {
    Role.CENTER_MANAGER: _("There is no center manager: task sheets cannot be signed."),
    Role.SERVICE_MANAGER: _("There is no service manager: questions and customers get no answer."),
    Role.TECHNICIAN: _("There is no technician: faults cannot be analyzed and releases cannot be recorded."),
    Role.TESTER: _("There is no tester: faults cannot be analyzed and builds cannot be tested."),
}


def vacant_role(role: Role, t: Translator) -> Message:
    """Build the message about one role."""
    said = t(VACANT[role])
    what = t("Please give somebody this role. You will be reminded once a day until somebody has it.")
    return message(said, section(f"⚠️ *{said}*"), section(what))
