"""The words that forms offer as answers."""

from enum import StrEnum


class YesNo(StrEnum):
    """An answer to a plain question."""

    YES = "yes"
    NO = "no"


class Channel(StrEnum):
    """How the problem reached us."""

    PHONE = "phone"
    MAIL = "mail"
    CHAT = "chat"
    ON_SITE = "on_site"
    SLACK = "slack"


class Urgency(StrEnum):
    """How urgent the reporter believes the problem to be. The severity is determined in analysis."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class SymptomKind(StrEnum):
    """How a fault appears (process.md §1)."""

    ERROR = "error"
    EXIT = "exit"
    HANG = "hang"
    PERFORMANCE = "performance"
    OTHER = "other"


class Category(StrEnum):
    """What a question is about."""

    USAGE = "usage"
    CERTIFICATE = "certificate"
    DATABASE = "database"
    NETWORK = "network"
    OTHER = "other"


class Reproduced(StrEnum):
    """Whether the fault could be reproduced."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"


class CauseClass(StrEnum):
    """Where the cause lies."""

    CODE = "code"
    DESIGN = "design"
    REQUIREMENT = "requirement"
    CONFIGURATION = "configuration"
    DATA = "data"
    CERTIFICATE = "certificate"
    NETWORK = "network"
    HARDWARE = "hardware"
    USAGE = "usage"
    THIRD_PARTY = "third_party"


class HandlingKind(StrEnum):
    """How a fault is handled without a modification of the software."""

    CONFIGURATION = "configuration"
    DATA = "data"
    CERTIFICATE = "certificate"
    NETWORK = "network"
    HARDWARE = "hardware"
    GUIDANCE = "guidance"
    WORKAROUND = "workaround"


class AfterFailure(StrEnum):
    """Where the case goes after a failed test."""

    MODIFY = "modify"
    ANALYZE = "analyze"


class ChangeType(StrEnum):
    """The A/M/D letters of the company's change histories."""

    ADDED = "A"
    MODIFIED = "M"
    DELETED = "D"


class ReleaseResult(StrEnum):
    """The result of a release."""

    RELEASED = "released"
    ROLLED_BACK = "rolled_back"


class HoldKind(StrEnum):
    """Whom a case on hold waits for."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    CHANGE = "change"
