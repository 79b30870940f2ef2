"""The pipeline on one machine; the only place that wires handler, queries and web."""
