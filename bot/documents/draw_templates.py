"""Keeps the command `python -m bot.documents.draw_templates` alive."""

from bot.documents.word.draw_templates import main

if __name__ == "__main__":
    main()
