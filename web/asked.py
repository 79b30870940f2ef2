"""What a request asks for: texts from its address, read as the values of parameters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask import abort, request

from queries.panel import Parameter, Value


@dataclass(frozen=True)
class Asked:
    """The parameters that were given: as text for addresses and forms, as values for compose."""

    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    """parameter name -> the sentence that says what is wrong with its text"""

    @property
    def fault(self) -> str | None:
        """All that is wrong in one text, or None."""
        return " ".join(self.faults.values()) or None

    def only(self, parameters: Iterable[Parameter]) -> "Asked":
        """Return the same for some of the parameters."""
        names = {parameter.name for parameter in parameters}
        return Asked(
            {name: text for name, text in self.texts.items() if name in names},
            {name: value for name, value in self.values.items() if name in names},
            {name: fault for name, fault in self.faults.items() if name in names},
        )


def read(parameters: Iterable[Parameter], texts: Mapping[str, str]) -> Asked:
    """Read the texts of parameters; an absent or blank one is not given."""
    asked = Asked()
    for parameter in parameters:
        text = texts.get(parameter.name, "")
        if parameter.type != "text":
            text = text.strip()
        if not text.strip():
            continue
        asked.texts[parameter.name] = text
        try:
            asked.values[parameter.name] = parameter.parse(text)
        except ValueError as fault:
            asked.faults[parameter.name] = str(fault)
    first, last = asked.values.get("from"), asked.values.get("to")
    if first is not None and last is not None and str(first) > str(last):
        asked.faults["to"] = f"The span ends on {last}, before it begins on {first}."
    return asked


def from_address(parameters: Iterable[Parameter]) -> Asked:
    """Read the parameters from the request's address."""
    return read(parameters, request.args) if request.args else Asked()


def refuse_foreign() -> None:
    """Abort a write with 403 unless it comes from our own pages, or from no browser at all."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin != request.host_url.rstrip("/")
    if site not in (None, "same-origin") or (site is None and foreign):
        abort(403, "This can only be done from the dashboard's own pages.")
