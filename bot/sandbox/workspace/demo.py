"""A fictional team for trying the app: people in several roles and languages, and their channels."""

from typing import Any

from bot.sandbox.workspace.users import OTHER_TEAM_ID
from bot.sandbox.workspace.workspace import Workspace

DESK = "C0DESK"
GENERAL = "C0GENERAL"
CUSTOMER = "C0HUADONG"
TESTERS = "S0TESTERS"
SHANGHAI = {"tz": "Asia/Shanghai", "locale": "zh-CN"}

STAFF: dict[str, dict[str, Any]] = {
    "U0HUANG": {
        "name": "huang.wei",
        "real_name": "Huang Wei 黄伟",
        "title": "Center manager · 客服中心经理",
        **SHANGHAI,
    },
    "U0CHEN": {"name": "chen.jing", "real_name": "Chen Jing 陈静", "title": "Service manager · 客服经理", **SHANGHAI},
    "U0ZHOU": {
        "name": "zhou.min",
        "real_name": "Zhou Min 周敏",
        "title": "Service manager · 客服经理",
        "tz": "Asia/Shanghai",
        "locale": "en-GB",
    },
    "U0WU": {
        "name": "wu.gang",
        "real_name": "Wu Gang 吴刚",
        "title": "Technician · 客服中心技术员",
        "tz": "Asia/Shanghai",
        "locale": "en-GB",
    },
    "U0LIN": {"name": "lin.xiaoyu", "real_name": "Lin Xiaoyu 林晓雨", "title": "Tester · 客服中心测试员", **SHANGHAI},
    "U0HE": {"name": "he.qing", "real_name": "He Qing 何清", "title": "Tester · 客服中心测试员", **SHANGHAI},
    "U0ZHAO": {"name": "zhao.lei", "real_name": "Zhao Lei 赵磊", "title": "Modifier · 修改人", **SHANGHAI},
    "U0ADMIN": {
        "name": "fang.hua",
        "real_name": "Fang Hua 方华",
        "title": "Admin · 管理员",
        "is_admin": True,
        **SHANGHAI,
    },
    "U0VIEWER": {"name": "qian.yi", "real_name": "Qian Yi 钱毅", "title": "Quality staff · 质量人员", **SHANGHAI},
    "U0ANNA": {
        "name": "anna.berg",
        "real_name": "Anna Berg",
        "title": "Colleague in Berlin, no role · 无角色同事",
        "tz": "Europe/Berlin",
        "locale": "en-US",
    },
}
#: Settings for office hours in Shanghai, used by the interactive sandbox.
OFFICE_HOURS = {
    "FAULT_CALENDAR": "CN",
    "FAULT_WORKING_HOURS": "09:00-12:00,13:30-18:00",
    "FAULT_WORKING_WEEKDAYS": "",
    "FAULT_DEFAULT_DEADLINE_DAYS": "10",
}

GUEST: dict[str, Any] = {
    "name": "guest",
    "real_name": "Guest Ge 葛客",
    "title": "Guest · 访客",
    "is_restricted": True,
    **SHANGHAI,
}
CONTACT: dict[str, Any] = {
    "name": "sun.li",
    "real_name": "Sun Li 孙丽",
    "title": "Customer · 客户",
    "team": OTHER_TEAM_ID,
    **SHANGHAI,
}
#: Bots and people who have left. Slack's user menus may offer them.
OTHERS: dict[str, dict[str, Any]] = {
    "USLACKBOT": {"name": "slackbot", "real_name": "Slackbot"},
    "U0BUILD": {"name": "build", "real_name": "Build bot 构建机器人", "is_bot": True, "bot_id": "B0BUILD"},
    "U0GONE": {"name": "gu.ren", "real_name": "Gu Ren 顾任", "deleted": True, **SHANGHAI},
}


def demo_workspace(**settings: Any) -> Workspace:
    """Return a workspace with the demo team; `settings` are keyword arguments of `Workspace`."""
    workspace = Workspace(**settings)
    for user_id, details in STAFF.items():
        workspace.add_user(user_id, email=f"{details['name']}@example.com", **details)
    workspace.add_user("U0GUEST", **GUEST)
    workspace.add_user("U0SUNLI", **CONTACT)
    for user_id, details in OTHERS.items():
        workspace.add_user(user_id, **details)
    workspace.add_group(TESTERS, ["U0LIN", "U0HE"], handle="testers")
    workspace.add_channel(DESK, "service-desk", STAFF)
    workspace.add_channel(GENERAL, "general", [*STAFF, "U0GUEST"], with_bot=False)
    workspace.add_channel(CUSTOMER, "ext-huadong-telecom", ["U0CHEN", "U0WU", "U0SUNLI"], shared=True)
    return workspace


def environment(workspace: Workspace | None = None) -> dict[str, str]:
    """Return the environment variables with which the app serves the demo team.

    Huang Wei deputizes for the service managers: `FAULT_DEPUTIES` names him, `FAULT_SERVICE_MANAGERS` does not.
    The team works around the clock, so that nothing depends on the time of day. `OFFICE_HOURS` overrides this.

    Args:
        workspace: the workspace to connect to. Without one, the address of the Web API is left out, and the tokens
            and the signing secret are the defaults of `Workspace`.
    """
    team = {
        "FAULT_CHANNEL": DESK,
        "FAULT_ADMINS": "U0ADMIN",
        "FAULT_CENTER_MANAGERS": "U0HUANG",
        "FAULT_SERVICE_MANAGERS": "U0CHEN,U0ZHOU",
        "FAULT_TECHNICIANS": "U0WU",
        "FAULT_TESTERS": "U0LIN,U0HE",
        "FAULT_VIEWERS": "U0VIEWER",
        "FAULT_DEPUTIES": "service_manager:U0HUANG:2020-01-01:2099-12-31",
        "FAULT_TIMEZONE": "Asia/Shanghai",
        "FAULT_SHUTDOWN_SECONDS": "0",
        "FAULT_LOCALE": "en",
        "FAULT_WORKING_HOURS": "00:00-24:00",
        "FAULT_WORKING_WEEKDAYS": "mon-sun",
    }
    served = workspace or Workspace()
    connection = {"SLACK_BOT_TOKEN": served.bot_token, "SLACK_SIGNING_SECRET": served.signing_secret}
    address = {"SLACK_API_URL": f"{served.base_url}/api/"} if workspace else {}
    return team | connection | address
