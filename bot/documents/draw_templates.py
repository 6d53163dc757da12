"""`python -m bot.documents.draw_templates [folder]`, the earlier name of `faultdesk templates`."""

from bot.documents.word.draw_templates import main

if __name__ == "__main__":
    main()
