"""The panels: a SQL text each, their loader, and compose; knows only lake."""
