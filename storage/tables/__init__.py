"""The tables: columns and constraints, without behavior. `bot.workflow` decides what may be written.

Persons are Slack user ids. Moments are aware, in UTC. JSON is stored as canonical text, so that hashes are stable.
"""

from sqlalchemy import MetaData
from sqlmodel import SQLModel

METADATA: MetaData = SQLModel.metadata
# Set before the first table, because a constraint is named when it is created.
METADATA.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

from storage.tables.cases import (  # noqa: E402
    AuditEntry,
    Case,
    CaseAssigned,
    CasePlace,
    DeadlineChange,
    Document,
    Personal,
)
from storage.tables.channels import ChannelMove  # noqa: E402
from storage.tables.checkpoints import Checkpoint, CheckpointSubject, DeskEntry, KeySignature  # noqa: E402
from storage.tables.epochs import Epoch  # noqa: E402
from storage.tables.facts import ChangedDay, DailySum, Fact, FactKind  # noqa: E402
from storage.tables.files import CaseFile, FileContent  # noqa: E402
from storage.tables.messages import Draft, Outgoing, Posted, Reminder, SeenDelivery  # noqa: E402
from storage.tables.processes import Heartbeat, SeenEvent  # noqa: E402
from storage.tables.registers import (  # noqa: E402
    Customer,
    Module,
    OwnWorkspace,
    Person,
    Product,
    ProductVersion,
    RoleGrant,
)
from storage.tables.reports import Report, ReportCopy  # noqa: E402
from storage.tables.settings import StoredSetting  # noqa: E402
from storage.tables.waits import Wait  # noqa: E402

__all__ = [
    "METADATA",
    "AuditEntry",
    "Case",
    "CaseAssigned",
    "CaseFile",
    "CasePlace",
    "ChangedDay",
    "ChannelMove",
    "Checkpoint",
    "CheckpointSubject",
    "Customer",
    "DailySum",
    "DeadlineChange",
    "DeskEntry",
    "Document",
    "Draft",
    "Epoch",
    "Fact",
    "FactKind",
    "FileContent",
    "Heartbeat",
    "KeySignature",
    "Module",
    "Outgoing",
    "OwnWorkspace",
    "Person",
    "Personal",
    "Posted",
    "Product",
    "ProductVersion",
    "Reminder",
    "Report",
    "ReportCopy",
    "RoleGrant",
    "SeenDelivery",
    "SeenEvent",
    "StoredSetting",
    "Wait",
]
