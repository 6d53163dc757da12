"""The example problems of the tour; all names are fictional (process.md §7)."""

from dataclasses import dataclass

from bot.playground.tour.act import MINUTE, Fields, Text, Value, after

BILLING, CARE = "Billing Suite 计费账务系统", "Customer Care 客户关怀系统"
PORT, REPORTS = "Port Exchange 口岸数据交换平台", "Report Center 报表中心"


def reported(customer: str, contact: str, product: str, version: str, summary: str, description: str) -> Fields:
    """Return the answers to the report form for a problem that a customer found ten minutes ago and told by phone."""
    said: dict[str, Value] = {
        "source": "customer",
        "customer": customer,
        "contact": contact,
        "contact_way": "138 0000 0000",
        "product": product,
        "version": version,
        "summary": summary,
        "description": description,
        "found_at": after(-10 * MINUTE),
        "channel": "phone",
    }
    return said


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as it is reported. `what` names it within a caption, `report` holds the answers to the report form."""

    what: Text
    report: Fields


@dataclass(frozen=True, slots=True)
class Fault(Problem):
    """A fault with the answers to the later forms: task sheet, analysis, modification and test (process.md §4)."""

    symptom_kind: str
    impact: str
    cause: str
    module: str
    versions: str
    measure: str
    change: str
    files: str
    fixed_in: str
    build: str
    test: str

    def build_again(self) -> str:
        """Return the name of the second build."""
        return self.build.replace("rc1", "rc2")


RATING = Fault(
    Text("the nightly rating exits", "夜间批价进程异常退出"),
    reported(
        "Huadong Telecom Anhui 华东电信安徽分公司",
        "Sun Li 孙丽",
        BILLING,
        "V3.2",
        "Rating process exits with ORA-01438 批价进程异常退出",
        "The nightly rating exits with ORA-01438 after a few minutes. 夜间批价运行几分钟后报 ORA-01438 并退出。",
    ),
    "exit",
    "No bills can be made 无法出账",
    "A long call exceeds the width of a column 超长通话的金额超出字段长度",
    "Rating 批价",
    "V3.2",
    "Widen the column 加宽字段",
    "The column has 12 digits now 字段加宽到12位",
    "rating.sql",
    "V3.2.1",
    "V3.2.1-rc1",
    "Rate a long call 超长通话批价 | rated 批价成功 | {} | {}",
)
PROVINCES = Fault(
    Text("the province filter of the invoice list is ignored", "账单列表的省份筛选无效"),
    reported(
        "Huadong Telecom Anhui 华东电信安徽分公司",
        "Sun Li 孙丽",
        BILLING,
        "V3.2",
        "Province filter of the invoice list is ignored 账单列表省份筛选无效",
        "Whatever province is chosen, all invoices are listed. 无论选择哪个省份，都列出全部账单。",
    ),
    "error",
    "Clerks search by hand 营业员只能手工查找",
    "The filter is lost when the page is turned 翻页时丢失筛选条件",
    "Invoicing 出账",
    "V3.2",
    "Keep the filter when the page is turned 翻页时保留筛选条件",
    "The filter is kept 保留筛选条件",
    "invoices.py",
    "V3.2.2",
    "V3.2.2-rc1",
    "Turn the page with a filter 筛选后翻页 | filtered 仍为筛选结果 | {} | {}",
)
LOGO = Fault(
    Text("the logo on the greeting cards is blurred", "贺卡徽标模糊"),
    reported(
        "Nanling Mobile 南岭移动",
        "Gao Feng 高峰",
        CARE,
        "V2.5",
        "Greeting card logo is blurred 贺卡徽标模糊",
        "The logo on all greeting cards is blurred since yesterday. 昨天起所有贺卡上的徽标都模糊。",
    ),
    "other",
    "The customer's image suffers slightly 客户形象略受影响",
    "The logo is enlarged from a small picture 徽标由小图放大而成",
    "Greeting cards 贺卡",
    "V2.5",
    "Use the large picture 改用大图",
    "The cards take the large picture 贺卡改用大图",
    "cards.css",
    "V2.5.1",
    "V2.5.1-rc1",
    "Print a card 打印贺卡 | sharp 徽标清晰 | {} | {}",
)
TOTALS = Fault(
    Text("the totals of the monthly report are wrong", "月报合计数有误"),
    reported(
        "Lingnan City Bank 岭南城市银行",
        "Tang Bo 唐波",
        REPORTS,
        "V4.0",
        "Totals of the monthly report are wrong 月报合计数有误",
        "The totals leave out the last day of the month. 合计数漏掉了当月最后一天。",
    ),
    "error",
    "Monthly reports are delayed 月报推迟报送",
    "The month is taken to end a day early 月末日期少算一天",
    "Monthly report 月报",
    "V4.0",
    "Count the last day 计入最后一天",
    "The last day is counted 已计入最后一天",
    "monthly.sql",
    "V4.0.1",
    "V4.0.1-rc1",
    "Total of a month 整月合计 | all days 含全部日期 | {} | {}",
)
LOGIN = Fault(
    Text("nobody can log in with a certificate", "无法用证书登录"),
    reported(
        "Binhai Port Clearance 滨海口岸通关中心",
        "Xu Mei 许梅",
        PORT,
        "V1.8",
        "Certificate login fails for everybody 证书登录全部失败",
        "Since this morning every login with a certificate is refused. 今天上午起所有证书登录都被拒绝。",
    ),
    "error",
    "Declarations are filed on paper 报关单只能纸面申报",
    "The list of revoked certificates has expired 证书吊销列表已过期",
    "Certificate login 证书登录",
    "V1.8",
    "Load the new list every night 每晚自动更新列表",
    "The list is loaded every night 列表每晚自动更新",
    "crl.conf",
    "V1.8.1",
    "V1.8.1-rc1",
    "Log in with a certificate 证书登录 | logged in 登录成功 | {} | {}",
)
RENEWAL = Problem(
    Text("how a USB certificate is renewed", "数字证书如何续期"),
    reported(
        "Binhai Port Clearance 滨海口岸通关中心",
        "Xu Mei 许梅",
        PORT,
        "V1.8",
        "How do I renew the USB certificate? 数字证书如何续期?",
        "The certificate on my USB key ends this month. How do I renew it? 我的证书本月到期，如何续期?",
    ),
)
OFD = Problem(
    Text("reports in the format OFD", "以 OFD 格式导出报表"),
    reported(
        "Lingnan City Bank 岭南城市银行",
        "Tang Bo 唐波",
        REPORTS,
        "V4.0",
        "Export reports as OFD 报表导出为OFD格式",
        "The archive takes only OFD from next year on. 明年起档案馆只接收OFD格式。",
    ),
)
INSIDE = Problem(
    Text("rating is slow in the test center", "测试中心批价缓慢"),
    {
        "source": "internal",
        "contact": "Anna Berg",
        "contact_way": "anna.berg@example.com",
        "product": BILLING,
        "version": "V3.3",
        "summary": "Rating is slow in the test center 测试中心批价缓慢",
        "description": "Rating takes three times as long as last week. 批价耗时是上周的三倍。",
        "found_at": after(-10 * MINUTE),
        "channel": "chat",
    },
)
