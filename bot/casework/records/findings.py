"""What verification finds, and the sentence for each kind of finding. A subject names what differs, never its value."""

from dataclasses import dataclass
from enum import StrEnum

from bot.i18n.translator import _


class FindingKind(StrEnum):
    """The kinds of inconsistency."""

    ENTRY_CHANGED = "entry_changed"
    HISTORY_CUT = "history_cut"
    NOT_REPLAYED = "not_replayed"
    COLUMN_CHANGED = "column_changed"
    PERSONAL_CHANGED = "personal_changed"
    CONTENT_CHANGED = "content_changed"
    AUTHOR_CHANGED = "author_changed"
    ORDER_CHANGED = "order_changed"
    STATUS_CHANGED = "status_changed"
    SIGNATURE_BROKEN = "signature_broken"
    RECORD_MISSING = "record_missing"
    RECORD_UNKNOWN = "record_unknown"
    STATISTICS_CHANGED = "statistics_changed"
    SUMS_CHANGED = "sums_changed"
    WAITS_CHANGED = "waits_changed"
    FILE_CHANGED = "file_changed"
    FILE_MISSING = "file_missing"
    SUBJECT_REMOVED = "subject_removed"
    ENTRY_REMOVED = "entry_removed"
    ENTRY_RECOMPUTED = "entry_recomputed"
    CHECKPOINT_CHANGED = "checkpoint_changed"
    CHECKPOINT_MISSING = "checkpoint_missing"
    DESK_ENTRY_CHANGED = "desk_entry_changed"
    NOT_SIGNED_BY_KEY = "not_signed_by_key"
    KEY_SIGNATURE_BROKEN = "key_signature_broken"
    SETTING_CHANGED = "setting_changed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One inconsistency: in an entry (by its number), a record (`T02 v1`), a column (`cases.severity`), a report, a
    checkpoint or a key.

    The subject names what differs and never its value.
    """

    kind: FindingKind
    subject: str

    @property
    def words(self) -> tuple[str, str]:
        """The sentence, to be translated, and its subject on one line: a forged entry may name anything."""
        return FOUND[self.kind], "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in self.subject)


#: The sentence of each kind of finding, with the subject of the finding.
FOUND: dict[FindingKind, str] = {
    FindingKind.ENTRY_CHANGED: _("Entry %(subject)s of the history was changed."),
    FindingKind.HISTORY_CUT: _("The history was cut or extended; %(subject)s entries were written."),
    FindingKind.NOT_REPLAYED: _("The history of %(subject)s does not say what was changed."),
    FindingKind.COLUMN_CHANGED: _("%(subject)s is not what the history says."),
    FindingKind.PERSONAL_CHANGED: _("The personal value %(subject)s is not the one that was written."),
    FindingKind.AUTHOR_CHANGED: _("Author or time of %(subject)s was changed."),
    FindingKind.ORDER_CHANGED: _("%(subject)s is not in the order in which it was written."),
    FindingKind.CONTENT_CHANGED: _("The content of %(subject)s was changed."),
    FindingKind.STATUS_CHANGED: _("The status of %(subject)s was changed."),
    FindingKind.SIGNATURE_BROKEN: _("The signature of %(subject)s does not hold."),
    FindingKind.RECORD_MISSING: _("%(subject)s is missing."),
    FindingKind.RECORD_UNKNOWN: _("%(subject)s was never written by a step."),
    FindingKind.STATISTICS_CHANGED: _("What statistics count of %(subject)s is not what its history says."),
    FindingKind.SUMS_CHANGED: _("The sums of statistics of %(subject)s are not those of the cases of that day."),
    FindingKind.WAITS_CHANGED: _("%(subject)s waits for others than its state and the roles say."),
    FindingKind.FILE_CHANGED: _("The content of the file %(subject)s was changed."),
    FindingKind.FILE_MISSING: _("The content of the file %(subject)s is missing or cannot be read."),
    FindingKind.SUBJECT_REMOVED: _("%(subject)s was removed; a checkpoint lists it."),
    FindingKind.ENTRY_REMOVED: _("Entry %(subject)s was removed; a checkpoint lists it."),
    FindingKind.ENTRY_RECOMPUTED: _("Entry %(subject)s is not the one that a checkpoint lists."),
    FindingKind.CHECKPOINT_CHANGED: _("Checkpoint %(subject)s is not as it was written."),
    FindingKind.CHECKPOINT_MISSING: _("Checkpoint %(subject)s is missing."),
    FindingKind.DESK_ENTRY_CHANGED: _("Entry %(subject)s of the history of the desk was changed."),
    FindingKind.NOT_SIGNED_BY_KEY: _("%(subject)s is not signed by the key of the desk."),
    FindingKind.KEY_SIGNATURE_BROKEN: _("The signature of %(subject)s by the key of the desk does not hold."),
    FindingKind.SETTING_CHANGED: _("The setting %(subject)s is not what the history of the desk says."),
    FindingKind.UNREADABLE: _("%(subject)s was made unreadable."),
}
#: What verification says of words that Slack refused: a fact of the case, and no finding.
UNDELIVERED = _("The words of entry %(entry)s did not reach the customer.")
