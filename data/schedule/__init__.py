"""Sessions, series and drafts: one transaction per change."""
