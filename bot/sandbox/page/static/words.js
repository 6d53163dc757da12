/** The page's own texts in both languages. The bot's texts come from the bot. */

const WORDS = {
  en: {
    workspace: "Sandbox", i_am: "I am", channels: "Channels", direct: "Direct messages", menu: "Menu",
    tools: "Tools", home: "Home", messages: "Messages", nothing_here: "Nothing here yet.", language: "Language of the page",
    skip: "Skip to writing a message", new: "New", told: "{n} unread direct messages", told_one: "1 unread direct message",
    welcome_what: "This is a stand-in Slack workspace: a support team, a customer, and the bot that runs the team's process.",
    welcome_command: "Type {command} below to report a problem, and look at it through the eyes of the others on the left.",
    welcome_tour: "Or press Start in the tour on the right: it plays the process step by step.",
    home_empty: "The app shows nothing here yet.", only_you: "Only visible to you", dismiss: "Dismiss",
    app: "APP", edited: "edited", replies: "{n} replies", reply: "1 reply", thread: "Thread", close: "Close",
    write_to: "Write to {where}, or type / for commands", reply_here: "Reply in the thread", send: "Send",
    shortcuts: "Shortcuts", unread: "{n} unread", shared: "shared with a customer",
    tour: "Tour", clock: "Clock", failures: "Failures", requests: "Requests", path: "Path", start: "Start",
    next_step: "Next step", play_all: "Play it all", stop: "Stop", playing: "Playing … {n} of {of}",
    left_at: "“{path}” was left at step {n} of {of}; its case stays where it is.", follow: "Look through the eyes of whoever acts",
    tour_about: "Watch the written process happen: each step is the same request that a person's click would send.",
    tour_done: "Played to its end.", step_of: "Step {n} of {of}", now: "The workspace's time: ",
    clock_about: "Moves the bot's clock as well, so that reminders and overdue marks can be seen happening.",
    plus_quarter: "+ 15 min", plus_hour: "+ 1 hour", plus_day: "+ 1 day", to_reminder: "To the next reminder",
    next_reminder: "Next reminder: {when}", no_reminder: "No reminder is planned.",
    failure_about: "Let Slack fail. Steps remain possible, and messages are delivered later.",
    rate_limited: "429 for the next 3 calls", broken: "500 for the next 3 calls", slow: "Every call takes 2 s",
    down: "Slack is down", redeliver: "Deliver the last request again", well: "All well again",
    failure_rate_limit: "429 (too many requests)", failure_outage: "an error of Slack's server", failure_reset: "a broken connection",
    failure_hang: "no answer", failure_refuse: "a refusal", failure_lost_answer: "an answer that gets lost",
    failure_cut_answer: "an answer that is cut off", failure_late: "an effect that comes late", failure_sign_in: "a sign-in page instead of a file",
    failure_slow: "every call takes {n} s", every_call: "{what} to every call, until all is well again",
    next_call: "{what} to the next call", next_calls: "{what} to the next {n} calls", and_then: "; ",
    redelivered: "{name} was delivered once more; the bot answered {status} within {milliseconds} ms.",
    failure_now: "Now: {what}", failure_good: "Now: all well", requests_about: "Newest first; open one to read it.",
    to_app: "Slack → bot", from_app: "bot → Slack", lost: "The sandbox does not answer. Waiting for it …",
    search: "Only those with …", not_done: "Not done: {why}", no_command: "{command} is not a command of this workspace.",
    WrongToken: "This address is of an earlier start. Open the one that the sandbox printed when it started.",
    lost_now: "Not done: the sandbox does not answer. Try again in a moment.", NotConnected: "Not done: no bot is connected.",
    NoSuchButton: "Not done: this button is no longer there.", NoSuchField: "Not done: this field is no longer there.",
    NoView: "Not done: this form is no longer open.", operation_timeout: "Not done: the bot did not answer within 3 seconds.",
    dispatch_failed: "Not done: the bot cannot be reached.", http_client_error: "Not done: the bot refused the request.",
    http_service_error: "Not done: the bot failed.", too_many_redirects: "Not done: the bot cannot be reached.", today: "Today", yesterday: "Yesterday",
    optional: "optional", choose: "Choose", remove: "Remove", sending: "Sending …", back: "Back", cancel: "Cancel",
    confirm: "Confirm", nothing_found: "Nothing found", searching: "Searching …", type_more: "Type at least {n} characters",
    action_failed: "That did not work. Please try again.", unknown_block: "The sandbox cannot show this block",
    download: "Download", file_too_many: "At most {n} files", file_too_big: "A file may have 10 MB at most",
    file_wrong_type: "Only these types: {types}", more_actions: "More actions", table: "Table",
  },
  "zh-CN": {
    workspace: "沙盒", i_am: "我是", channels: "频道", direct: "私信", menu: "菜单",
    tools: "工具", home: "主页", messages: "消息", nothing_here: "这里还没有内容。", language: "页面语言",
    skip: "跳到消息输入框", new: "新消息", told: "{n} 条未读私信", told_one: "1 条未读私信",
    welcome_what: "这是一个模拟的 Slack 工作区：一个客服团队、一位客户，以及执行团队规程的机器人。",
    welcome_command: "在下方输入 {command} 登记问题，再从左侧换成其他人的视角查看。",
    welcome_tour: "也可以在右侧的导览中点击「开始」，逐步观看规程的运行。",
    home_empty: "应用在这里还没有显示内容。", only_you: "仅您可见", dismiss: "关闭",
    app: "应用", edited: "已编辑", replies: "{n} 条回复", reply: "1 条回复", thread: "消息列", close: "关闭",
    write_to: "发消息到 {where}，或输入 / 使用命令", reply_here: "在消息列中回复", send: "发送",
    shortcuts: "快捷方式", unread: "{n} 条未读", shared: "与客户共享",
    tour: "导览", clock: "时钟", failures: "故障", requests: "请求", path: "路径", start: "开始",
    next_step: "下一步", play_all: "全部播放", stop: "停止", playing: "正在播放……第 {n} 步，共 {of} 步",
    left_at: "「{path}」停在第 {n} 步（共 {of} 步），其问题单保持原状。", follow: "跟随当前操作者的视角",
    tour_about: "观看书面规程的实际运行：每一步都与人点击时发出的请求完全相同。",
    tour_done: "已播放完毕。", step_of: "第 {n} 步，共 {of} 步", now: "工作区时间：",
    clock_about: "机器人的时钟同时前移，可以看到提醒和逾期标记如何发生。",
    plus_quarter: "+ 15 分钟", plus_hour: "+ 1 小时", plus_day: "+ 1 天", to_reminder: "到下一次提醒",
    next_reminder: "下一次提醒：{when}", no_reminder: "没有计划中的提醒。",
    failure_about: "模拟 Slack 故障。步骤照常进行，消息会等待并稍后送达。",
    rate_limited: "接下来 3 次调用返回 429", broken: "接下来 3 次调用返回 500", slow: "每次调用耗时 2 秒",
    down: "Slack 中断", redeliver: "重新投递上一个请求", well: "恢复正常",
    failure_rate_limit: "返回 429（请求过多）", failure_outage: "返回 Slack 服务器错误", failure_reset: "连接中断",
    failure_hang: "没有应答", failure_refuse: "被拒绝", failure_lost_answer: "应答丢失", failure_cut_answer: "应答被截断", failure_late: "延迟生效", failure_sign_in: "登录页面代替文件",
    failure_slow: "每次调用耗时 {n} 秒", every_call: "每次调用都{what}，直到恢复正常",
    next_call: "下一次调用{what}", next_calls: "接下来 {n} 次调用{what}", and_then: "；",
    redelivered: "{name} 已再次投递，机器人在 {milliseconds} 毫秒内应答 {status}。",
    failure_now: "当前：{what}", failure_good: "当前：一切正常", requests_about: "最新的在前；点开可阅读内容。",
    to_app: "Slack → 机器人", from_app: "机器人 → Slack", lost: "沙盒没有响应，正在等待……",
    search: "只看包含……的请求", not_done: "未完成：{why}", no_command: "{command} 不是本工作区的命令。",
    WrongToken: "此网址属于之前的一次启动，请打开沙盒本次启动时显示的网址。",
    lost_now: "未完成：沙盒没有响应，请稍后再试。", NotConnected: "未完成：没有机器人连接。",
    NoSuchButton: "未完成：该按钮已不存在。", NoSuchField: "未完成：该字段已不存在。",
    NoView: "未完成：该表单已关闭。", operation_timeout: "未完成：机器人未在 3 秒内应答。",
    dispatch_failed: "未完成：无法连接机器人。", http_client_error: "未完成：机器人拒绝了该请求。",
    http_service_error: "未完成：机器人出错。", too_many_redirects: "未完成：无法连接机器人。", today: "今天", yesterday: "昨天",
    optional: "选填", choose: "请选择", remove: "移除", sending: "正在发送……", back: "返回", cancel: "取消",
    confirm: "确认", nothing_found: "没有匹配的结果", searching: "正在查找……", type_more: "请至少输入 {n} 个字符",
    action_failed: "操作未成功，请重试。", unknown_block: "沙盒无法显示此内容块",
    download: "下载", file_too_many: "最多 {n} 个文件", file_too_big: "单个文件不能超过 10 MB",
    file_wrong_type: "仅支持以下类型：{types}", more_actions: "更多操作", table: "表格",
  },
};

/** Return the page's language for a Slack locale. */
export function languageOf(locale) {
  return (locale || "").toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/** Return a function that returns the text of a key in one language, with values filled in. */
export function wordsOf(language) {
  return (key, values = {}) =>
    (WORDS[language][key] ?? WORDS.en[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Return the keys that one language lacks (for the tests). */
export function missingWords() {
  const [one, other] = Object.values(WORDS).map((words) => Object.keys(words));
  return [...one.filter((key) => !other.includes(key)), ...other.filter((key) => !one.includes(key))];
}
