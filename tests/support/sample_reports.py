"""Problems as somebody reports them, with the customers and products that they concern."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from storage import registers
from storage.tables import Customer, Product

#: Search terms that find them in their lists.
HUADONG, NANLING, BINHAI, LINGNAN = "Huadong", "Nanling", "Binhai", "Lingnan"
BILLING, CARE, PORT, REPORTS = "Billing", "Care", "Port", "Report Center"


@dataclass(frozen=True, slots=True)
class SampleReport:
    """A problem as somebody reports it."""

    customer: str | None
    contact: str
    product: str
    version: str
    summary: str
    description: str = ""

    def told(self, now: datetime) -> dict[str, Any]:
        """The answers of the report form. Customer and product are search terms for their lists."""
        return {
            "source": "customer" if self.customer else "internal",
            "customer": self.customer,
            "contact": self.contact,
            "contact_way": "138 0000 0000",
            "product": self.product,
            "version": self.version,
            "summary": self.summary,
            "description": self.description or self.summary,
            "found_at": now - timedelta(minutes=10),
            "channel": "phone",
        }

    def chosen(self, session: Session) -> dict[str, str | None]:
        """The chosen customer and product: the first name that each list offers."""
        customer = _first(session, Customer, self.customer) if self.customer else None
        return {"customer": customer, "product": _first(session, Product, self.product)}


def _first(session: Session, table: type[Customer] | type[Product], looked_for: str) -> str:
    return next(iter(registers.names_like(session, table, looked_for, 1)), looked_for)


RATING = SampleReport(HUADONG, "Sun Li 孙丽", BILLING, "V3.2", "Rating process exits with ORA-01438 批价进程异常退出")
