"""Renders messages with copies of the files of a case."""

from dataclasses import dataclass

from bot.casework.reading.file_cards import FileCard, of_entry
from bot.casework.reading.files import FileRef, file_for
from bot.slack.delivery.render_job import RenderJob
from bot.slack.delivery.slack_call import SlackCall
from bot.slack.views.case.files import sent_file, sent_file_lost, thread_files
from bot.workflow.refusal import Refused
from storage.file_contents import FileContents


class ContentMissing(Exception):
    """The content of a kept file is not where files are kept."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a kept file. Its content is read when it is sent, so that one at a time is in memory."""

    name: str
    title: str
    digest: str
    contents: FileContents

    @property
    def content(self) -> bytes:
        """The whole content. Raises `ContentMissing`."""
        try:
            with self.contents.open(self.digest) as file:
                return file.read()
        except OSError as error:
            raise ContentMissing(self.digest) from error


def thread_files_call(job: RenderJob, channel: str, thread_ts: str | None) -> SlackCall:
    """Return the call that shares the files of a step in the thread of the card, which the center reads."""
    files = of_entry(job.session, job.case_id, job.line)
    copies = tuple(_copy(job, file) for file in files if file.sha256)
    message = thread_files(job.card, job.line, files, job.t)
    return SlackCall(message, channel, thread_ts=thread_ts, files=copies)


def sent_file_call(job: RenderJob) -> SlackCall | None:
    """Return the call that sends a copy to whoever asked for it; None if they may not have it any more."""
    file, person = _asked_for(job), job.row.target
    if file is None:
        return None
    return SlackCall(sent_file(job.card_for(person), file, job.target), None, person, files=(_copy(job, file),))


def sent_file_lost_call(job: RenderJob) -> SlackCall | None:
    """Return the call that tells whoever asked for a copy that it could not be sent."""
    file, person = _asked_for(job), job.row.target
    return SlackCall(sent_file_lost(job.card_for(person), file, job.target), None, person) if file else None


def _asked_for(job: RenderJob) -> FileCard | None:
    """Return the file that the row's target asked for; None if they may not have it any more."""
    wanted = FileRef(job.case_id, job.arguments["seq"], job.arguments["file"])
    try:
        return file_for(job.session, wanted, job.row.target, job.company, job.now)
    except Refused:
        return None


def _copy(job: RenderJob, file: FileCard) -> Copy:
    return Copy(file.name, file.name, file.sha256 or "", job.context.contents)
