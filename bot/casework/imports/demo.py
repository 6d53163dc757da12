"""Customers and products to try the process with; all names are fictional (process.md §7)."""

from sqlmodel import Session

from storage import registers
from storage.tables import Module, ProductVersion

CUSTOMERS = (
    "Huadong Telecom Anhui 华东电信安徽分公司",
    "Nanling Mobile 南岭移动",
    "Binhai Port Clearance 滨海口岸通关中心",
    "Lingnan City Bank 岭南城市银行",
)
#: Products with their versions and modules.
PRODUCTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Billing Suite 计费账务系统": (("V3.2", "V3.3"), ("Rating 批价", "Invoicing 出账")),
    "Customer Care 客户关怀系统": (("V2.5",), ()),
    "Port Exchange 口岸数据交换平台": (("V1.8",), ("Certificate login 证书登录",)),
    "Report Center 报表中心": (("V4.0",), ()),
}


def add_demo_registers(session: Session) -> None:
    """Write the demo's customers and products, unless there are names already, which people may have changed since."""
    if registers.has_customers(session):
        return
    for name in CUSTOMERS:
        registers.customer(session, name)
    for name, (versions, modules) in PRODUCTS.items():
        product = registers.product(session, name)
        assert product.id is not None
        for version in versions:
            registers.keep_part(session, ProductVersion, product.id, version)
        for module in modules:
            registers.keep_part(session, Module, product.id, module)
