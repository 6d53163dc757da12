"""Files made from the records: documents, tables, charts, reports and evidence packs (process.md §4)."""
