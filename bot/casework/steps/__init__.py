"""The steps on a case, each written together with its history, reminders and messages."""
