"""Maps each record to the activity of the process that it proves, and to CMMI practice areas."""

from dataclasses import dataclass

from bot.i18n.translator import _
from storage.vocabulary import Paper


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof that a record gives: an activity of the process (process.md §1, §2), and CMMI V2.0 practice areas."""

    activity: str
    areas: tuple[str, ...]


PROOFS: dict[Paper, Proof] = {
    Paper.SERVICE_REPORT: Proof(_("3 Answer, and the customer's verdict"), ("IRP", "SDM")),
    Paper.FAULT_SHEET: Proof(_("4 Draft, 5 sign, 7 decide; handling, release and reply"), ("DAR", "GOV", "IRP", "PI")),
    Paper.REQUIREMENT_SHEET: Proof(_("1 Customized requirement, handed to product development"), ("GOV", "RDM")),
    Paper.ANALYSIS_REPORT: Proof(_("6 Fault analysis"), ("CAR", "IRP")),
    Paper.FAULT_RECORD: Proof(_("6 Severity and deadline in the product fault record table"), ("IRP", "MPM")),
    Paper.TEST_RECORD: Proof(_("Modification and its test"), ("TS", "VV")),
    Paper.MANUAL_PART: Proof(_("User manual, modified part"), ("TS",)),
}
#: The names of the practice areas by their abbreviations.
AREAS: dict[str, str] = {
    "CAR": _("Causal Analysis and Resolution"),
    "CM": _("Configuration Management"),
    "DAR": _("Decision Analysis and Resolution"),
    "GOV": _("Governance"),
    "IRP": _("Incident Resolution and Prevention"),
    "MPM": _("Managing Performance and Measurement"),
    "PI": _("Product Integration"),
    "PQA": _("Process Quality Assurance"),
    "RDM": _("Requirements Development and Management"),
    "SDM": _("Service Delivery Management"),
    "TS": _("Technical Solution"),
    "VV": _("Verification and Validation"),
}
#: The proof that the chained history gives.
HISTORY = Proof(_("Every step: who, when, in which state"), ("CM", "PQA"))
#: The proof that the statistics of a period give.
STATISTICS = Proof(_("Counting faults: the measures of a period"), ("MPM",))
