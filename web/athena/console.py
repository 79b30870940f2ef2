"""Where AWS shows a query to people."""

DOMAINS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""partition -> the console's domain"""


def link(region: str, partition: str, execution: str) -> str:
    """Return the address of a query in Athena's console."""
    domain = DOMAINS.get(partition, DOMAINS["aws"])
    return (
        f"https://{region}.{domain}/athena/home?region={region}#/query-editor/history/{execution}"
    )
