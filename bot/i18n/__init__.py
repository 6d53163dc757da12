"""Every sentence and word that people read, in both languages."""
