"""Athena behind the engine interface: starts a query, waits, reads its pages, says what failed."""
