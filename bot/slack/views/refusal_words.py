"""What Slack's refusal of a message means and what to do about it, in words that people read."""

from bot.i18n.translator import Translator, _
from bot.slack.views.commands import named

_NOT_IN_CHANNEL = (
    _("I am not a member of that channel."),
    _("Invite me there with `/invite`, then send the message again."),
)
_NO_CHANNEL = (
    _("The channel does not exist any more, or it is private and I am not in it."),
    _("Invite me there, or ask somebody who is in it to pass the message on."),
)
_ARCHIVED = (
    _("The channel is archived."),
    _("Restore the channel and send the message again, or pass it on another way."),
)
_RESTRICTED = (
    _("I may not post in that channel."),
    _("Let me post there in the channel's settings, then send the message again."),
)
_NO_PERSON = (
    _("That person's account is deactivated, or it is hidden from me."),
    _("Give the work to somebody else and discard the message."),
)
_NO_DIRECT = (
    _("That person cannot receive direct messages from me."),
    _("Switch on the messages tab in the app's settings, or pass the message on another way."),
)
_NO_SCOPE = (
    _("I lack the permission for this."),
    _("Install the app again with the scopes of its manifest, then send the message again."),
)
_OTHERWISE = (
    _("The message itself could not be made or was not accepted."),
    _("Report the code to those who maintain this bot; sending the message again may not help."),
)
#: What each error code of Slack means for the target of a message, and what to do.
_WORDS = {
    "not_in_channel": _NOT_IN_CHANNEL,
    "user_not_in_channel": _NOT_IN_CHANNEL,
    "channel_not_found": _NO_CHANNEL,
    "invalid_channel": _NO_CHANNEL,
    "thread_not_found": _NO_CHANNEL,
    "is_archived": _ARCHIVED,
    "is_inactive": _ARCHIVED,
    "cant_post_message": _RESTRICTED,
    "posting_to_channel_denied": _RESTRICTED,
    "restricted_action": _RESTRICTED,
    "restricted_action_non_threadable_channel": _RESTRICTED,
    "restricted_action_read_only_channel": _RESTRICTED,
    "restricted_action_thread_locked": _RESTRICTED,
    "restricted_action_thread_only_channel": _RESTRICTED,
    "no_user": _NO_PERSON,
    "reader_refused": _NO_PERSON,
    "user_disabled": _NO_PERSON,
    "user_not_found": _NO_PERSON,
    "user_not_visible": _NO_PERSON,
    "users_not_found": _NO_PERSON,
    "cannot_dm_bot": _NO_DIRECT,
    "messages_tab_disabled": _NO_DIRECT,
    "missing_scope": _NO_SCOPE,
}


#: What somebody can do who wrote the message and is no admin.
_INVITE = _("Invite me there with `/invite`, then ask an administrator to send the message again.")
_ASK = _("Tell the customer another way, or ask an administrator: %(command)s shows them the message.")


def meaning(error: str, t: Translator) -> str:
    """Return what the reason of a refusal means."""
    return t(_WORDS.get(error, _OTHERWISE)[0])


def remedy(error: str, t: Translator) -> str:
    """Return what an admin can do about a refusal."""
    return t(_WORDS.get(error, _OTHERWISE)[1])


def writers_remedy(error: str, t: Translator) -> str:
    """Return what the writer of a message to the customer can do about its refusal."""
    if _WORDS.get(error) in (_NOT_IN_CHANNEL, _NO_CHANNEL):
        return t(_INVITE)
    return t(_ASK, command=named(t, "admin outbox"))
