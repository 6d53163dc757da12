"""Answers that only the history has are in no record and no document."""

from bot.documents.case.outlines import OUTLINES
from bot.workflow.fields import FORMS
from bot.workflow.paper_fields import ANSWERS

NOT_FILED = {field.code for form in FORMS.values() for field in form if not field.filed}


def test_words_for_followers_are_in_no_record_and_no_document() -> None:
    assert {"reply_followers"} == NOT_FILED
    parts = (part for outline in OUTLINES.values() for chapter in outline.chapters for part in chapter.parts)
    assert not NOT_FILED & {field.code for part in parts for _step, field in part.fields()}
    assert not NOT_FILED & {code for answers in ANSWERS.values() for code in answers}
