"""Steps on a case, written together with their history, reminders and messages."""
