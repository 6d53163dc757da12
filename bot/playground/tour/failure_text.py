"""Sentences for a newcomer that say why a path cannot continue."""

from bot.playground.tour.act import Text
from bot.sandbox import NoSuchButton, NoSuchField, NotConnected, NoView, SandboxError


class ActFailed(SandboxError):
    """An act has another result than the path expects. `text` says which."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(en, zh)


def not_offered(name: str, number: str) -> ActFailed:
    """Return the error for a step that the bot no longer offers to this person."""
    return ActFailed(
        f"{number} is no longer where this path left it, so {name} is not offered the next step. "
        "Somebody has probably acted on it by hand; start the path anew.",
        f"{number} 已不在本演示停留的环节，{name} 没有下一步的按钮。可能已有人手动处理过该问题单，请重新开始演示。",
    )


def moved(number: str) -> ActFailed:
    """Return the error for a case that is no longer in the state that the path expects."""
    return ActFailed(
        f"{number} is no longer where this path left it. "
        "Somebody has probably acted on it by hand; start the path anew.",
        f"{number} 已不在本演示停留的环节。可能已有人手动处理过该问题单，请重新开始演示。",
    )


def refused(said: str) -> ActFailed:
    """Return the error for an act that the bot refuses although the path expects it to accept."""
    return ActFailed(f"The bot refused: {said}", f"机器人拒绝了本次操作：{said}")


def accepted() -> ActFailed:
    """Return the error for an act that the bot accepts although the path expects it to refuse."""
    return ActFailed("The bot took what it should have refused.", "机器人接受了本应拒绝的内容。")


def unanswered(error: str) -> ActFailed:
    """Return the error for a request that the bot does not answer as Slack requires."""
    return ActFailed(f"The bot did not answer ({error}).", f"机器人未作应答（{error}）。")


def sentence(problem: SandboxError | TimeoutError) -> Text:
    """Return the sentence for any error that can stop an act."""
    match problem:
        case ActFailed():
            return problem.text
        case NoView() | NoSuchField() | NoSuchButton():
            return Text(
                "The form or button that this act needs is gone; somebody has probably closed or used it. "
                "Start the path anew.",
                "这一步所需的表单或按钮已不存在，可能已有人关闭或使用，请重新开始演示。",
            )
        case NotConnected():
            return Text("The bot is not running.", "机器人未在运行。")
        case TimeoutError():
            return Text("Nothing came of this act within the time that people wait.", "这一步在等待时间内没有结果。")
    return Text(f"The workspace does not allow this act: {problem}", f"工作区不允许这一操作：{problem}")
