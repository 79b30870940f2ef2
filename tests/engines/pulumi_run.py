"""What came of a preview, an up or a destroy: the engine's steps, and what it said."""

import re
from dataclasses import dataclass, field

from pulumi import automation

CHANGES = {"create", "update", "delete", "replace"}


@dataclass(frozen=True)
class Step:
    """What the engine does to one resource."""

    op: str
    """create, update, delete, replace, same; a replacement counts once"""
    token: str
    name: str
    paths: tuple[str, ...] = ()
    """which inputs differ"""

    def __str__(self) -> str:
        """As `update Queue failures (name)`: the class, the logical name, the inputs' top names."""
        tops = sorted({re.split(r"[.\[]", path)[0] for path in self.paths})
        inputs = f" ({' '.join(tops)})" if tops and self.op != "create" else ""
        return f"{self.op} {self.token.rpartition(':')[2]} {self.name}{inputs}"


@dataclass
class Run:
    """What came of one preview, up or destroy."""

    steps: list[Step] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    """what the person at the terminal was told: errors and warnings"""
    failed: bool = False
    output: str = ""

    def note(self, event: automation.EngineEvent) -> None:
        """Take what an event of the engine says."""
        said = event.diagnostic_event
        if said and said.severity in ("error", "warning"):
            self.messages.append(said.message.strip())
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            op = str(getattr(step.op, "value", step.op))
            if op in ("create-replacement", "delete-replaced"):
                # what a replacement is made of
                return
            paths = tuple(sorted(step.detailed_diff or ())) or tuple(step.diffs or ())
            self.steps.append(Step(op, step.type, step.urn.rpartition("::")[2], paths))

    @property
    def changes(self) -> list[Step]:
        """The steps that change something."""
        return [step for step in self.steps if step.op in CHANGES]

    @property
    def changed(self) -> set[str]:
        """What changes, as `update Queue failures (name)`: the class, the logical name, inputs."""
        return {str(step) for step in self.changes}

    @property
    def said(self) -> str:
        """All messages, and what the command printed."""
        return "\n".join([*self.messages, self.output])
