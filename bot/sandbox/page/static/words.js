/** The page's own words in both languages; what the bot says comes from the bot. */

const WORDS = {
  en: {
    workspace: "Sandbox", i_am: "I am", channels: "Channels", direct: "Direct messages", menu: "Menu",
    tools: "Tools", home: "Home", messages: "Messages", nothing_here: "Nothing here yet.",
    home_empty: "The app shows nothing here yet.", only_you: "Only visible to you", dismiss: "Dismiss",
    app: "APP", edited: "edited", replies: "{n} replies", reply: "1 reply", thread: "Thread", close: "Close",
    write_to: "Write to {where}, or type / for commands", reply_here: "Reply in the thread", send: "Send",
    shortcuts: "Shortcuts", unread: "{n} unread", shared: "shared with a customer",
    tour: "Tour", clock: "Clock", weather: "Bad days", requests: "Requests", path: "Path", start: "Start",
    next_step: "Next step", play_all: "Play it all", follow: "Look through the eyes of whoever acts",
    tour_about: "Watch the written process happen: each step is the same request that a person's click would send.",
    tour_done: "Played to its end.", step_of: "Step {n} of {of}", now: "The workspace's time",
    clock_about: "Moves the bot's clock as well, so that reminders and overdue marks can be seen happening.",
    plus_quarter: "+ 15 min", plus_hour: "+ 1 hour", plus_day: "+ 1 day", to_reminder: "To the next reminder",
    next_reminder: "Next reminder: {when}", no_reminder: "No reminder is planned.",
    weather_about: "What Slack does on bad days. Steps go on, messages wait and arrive later.",
    rate_limited: "429 for the next 3 calls", broken: "500 for the next 3 calls", slow: "Every call takes 2 s",
    down: "Slack is down", redeliver: "Deliver the last request again", well: "All well again",
    weather_now: "Now: {what}", weather_good: "Now: all well", requests_about: "Newest first; open one to read it.",
    to_app: "Slack → bot", from_app: "bot → Slack", lost: "The sandbox does not answer. Waiting for it …",
    not_delivered: "Not done: {why}", today: "Today", yesterday: "Yesterday",
    optional: "optional", choose: "Choose", remove: "Remove", sending: "Sending …", back: "Back", cancel: "Cancel",
    confirm: "Confirm", nothing_found: "Nothing found", searching: "Searching …", type_more: "Type at least {n} characters",
    trouble: "That did not work. Please try again.", unknown_block: "The sandbox cannot show this block",
    download: "Download", file_too_many: "At most {n} files", file_too_big: "A file may have 10 MB at most",
    file_wrong_type: "Only these types: {types}", more_actions: "More actions", table: "Table",
  },
  "zh-CN": {
    workspace: "沙盒", i_am: "我是", channels: "频道", direct: "私信", menu: "菜单",
    tools: "工具", home: "主页", messages: "消息", nothing_here: "这里还没有内容。",
    home_empty: "应用在这里还没有显示内容。", only_you: "仅您可见", dismiss: "关闭",
    app: "应用", edited: "已编辑", replies: "{n} 条回复", reply: "1 条回复", thread: "消息列", close: "关闭",
    write_to: "发消息到 {where}，或输入 / 使用命令", reply_here: "在消息列中回复", send: "发送",
    shortcuts: "快捷方式", unread: "{n} 条未读", shared: "与客户共享",
    tour: "导览", clock: "时钟", weather: "故障日", requests: "请求", path: "路径", start: "开始",
    next_step: "下一步", play_all: "全部播放", follow: "跟随当前操作者的视角",
    tour_about: "观看书面规程的实际运行：每一步都与人点击时发出的请求完全相同。",
    tour_done: "已播放完毕。", step_of: "第 {n} 步，共 {of} 步", now: "工作区时间",
    clock_about: "机器人的时钟同时前移，可以看到提醒和逾期标记如何发生。",
    plus_quarter: "+ 15 分钟", plus_hour: "+ 1 小时", plus_day: "+ 1 天", to_reminder: "到下一次提醒",
    next_reminder: "下一次提醒：{when}", no_reminder: "没有计划中的提醒。",
    weather_about: "Slack 状态不佳时的表现。步骤照常进行，消息会等待并稍后送达。",
    rate_limited: "接下来 3 次调用返回 429", broken: "接下来 3 次调用返回 500", slow: "每次调用耗时 2 秒",
    down: "Slack 中断", redeliver: "重新投递上一个请求", well: "恢复正常",
    weather_now: "当前：{what}", weather_good: "当前：一切正常", requests_about: "最新的在前；点开可阅读内容。",
    to_app: "Slack → 机器人", from_app: "机器人 → Slack", lost: "沙盒没有响应，正在等待……",
    not_delivered: "未完成：{why}", today: "今天", yesterday: "昨天",
    optional: "选填", choose: "请选择", remove: "移除", sending: "正在发送……", back: "返回", cancel: "取消",
    confirm: "确认", nothing_found: "没有匹配的结果", searching: "正在查找……", type_more: "请至少输入 {n} 个字符",
    trouble: "操作未成功，请重试。", unknown_block: "沙盒无法显示此内容块",
    download: "下载", file_too_many: "最多 {n} 个文件", file_too_big: "单个文件不能超过 10 MB",
    file_wrong_type: "仅支持以下类型：{types}", more_actions: "更多操作", table: "表格",
  },
};

/** The language of the page for a locale of Slack. */
export function languageOf(locale) {
  return (locale || "").toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/** A translator for one language: key and values to words. */
export function wordsOf(language) {
  return (key, values = {}) =>
    (WORDS[language][key] ?? WORDS.en[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Keys that one language lacks (for the tests). */
export function missingWords() {
  const [one, other] = Object.values(WORDS).map((words) => Object.keys(words));
  return [...one.filter((key) => !other.includes(key)), ...other.filter((key) => !one.includes(key))];
}
