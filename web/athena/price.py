"""What a query costs."""

from decimal import ROUND_CEILING, Decimal

USD_PER_TB = Decimal(5)
"""US dollars per terabyte scanned: the list price in most regions; others differ, so a setting."""
LEAST_MB = 10
"""Megabytes that are charged at least for a query."""
MB_BYTES = 10**6
TB_BYTES = 10**12
"""Athena's pages do not say which megabyte they mean; the decimal one never tells too little."""


def cost(scanned: int, usd_per_tb: Decimal, *, reused: bool) -> Decimal:
    """Return the price in US dollars: of whole megabytes, ten at least; a reused result is free."""
    if reused:
        return Decimal(0)
    megabytes = (Decimal(scanned) / MB_BYTES).to_integral_value(ROUND_CEILING)
    return max(megabytes, Decimal(LEAST_MB)) * MB_BYTES * usd_per_tb / TB_BYTES
