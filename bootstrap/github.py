"""GitHub's way in: its OIDC provider, and per stack two roles that its workflows assume."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from bootstrap.boundary import boundary
from bootstrap.names import PATH, Names
from bootstrap.preview import preview_rights
from bootstrap.settings import Settings
from bootstrap.update import update_rights
from components.account import here
from components.policy import Statement, document

HOST = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
"""What aws-actions/configure-aws-credentials asks GitHub's token for."""

SESSION_SECONDS = 3600
"""The shortest that a role can be limited to; an update takes minutes."""


@dataclass(frozen=True)
class StackRoles:
    """What the workflows and the main program are told of one stack."""

    preview: pulumi.Output[str]
    """ARN; the variable AWS_ROLE of the GitHub environment preview-<stack>"""
    update: pulumi.Output[str]
    """ARN; the variable AWS_ROLE of the GitHub environment <stack>"""
    boundary: pulumi.Output[str]
    """ARN; the main program's setting permissionsBoundary"""


class GitHubAccess(pulumi.ComponentResource):
    """What lets one repository's workflows preview and update stacks, without a stored key.

    Makes: GitHub's OIDC provider, unless there is one; for each stack a boundary, the role of its
    preview and the role of its update, each of which one GitHub environment alone may assume.
    """

    stacks: dict[str, StackRoles]

    def __init__(
        self, name: str, settings: Settings, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("orders-lake:bootstrap:GitHubAccess", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self._account = here(self)
        self._github: pulumi.Input[str] = settings.provider_arn or self._own_provider(name)
        self.stacks = {stack: self._stack(stack, settings) for stack in settings.stacks}
        self.register_outputs({})

    def _own_provider(self, name: str) -> pulumi.Output[str]:
        # aws trusts the host by its certificate authority: no thumbprint to keep up to date
        made = iam.OpenIdConnectProvider(
            f"{name}-provider",
            url=f"https://{HOST}",
            client_id_lists=[AUDIENCE],
            opts=self._child,
        )
        return made.arn

    def _stack(self, stack: str, settings: Settings) -> StackRoles:
        names = Names(self._account, stack)
        limit = iam.Policy(
            f"boundary-{stack}",
            name=f"boundary-{stack}",
            path=PATH,
            description=f"the most that roles of the stack {stack} can do",
            policy=document(boundary(names)),
            opts=self._child,
        )
        state, key = settings.state_bucket, settings.secrets_key_arn
        preview = self._role(f"preview-{stack}", f"preview-{stack}", settings.repository)
        self._attach(f"preview-{stack}", preview, "rights", preview_rights(names, state, key))
        update = self._role(f"update-{stack}", stack, settings.repository)
        for part, rights in update_rights(names, limit.arn, state, key).items():
            self._attach(f"update-{stack}", update, part, rights)
        return StackRoles(preview.arn, update.arn, limit.arn)

    def _role(self, name: str, environment: str, repository: str) -> iam.Role:
        return iam.Role(
            name,
            name=name,
            path=PATH,
            description=f"{repository} on GitHub, environment {environment}",
            max_session_duration=SESSION_SECONDS,
            assume_role_policy=self._trust(repository, environment),
            opts=self._child,
        )

    def _trust(self, repository: str, environment: str) -> pulumi.Output[str]:
        """Return who may assume: jobs of that environment of that repository, compared exactly."""
        return document(
            [
                Statement(
                    "Assume",
                    ("sts:AssumeRoleWithWebIdentity",),
                    (),
                    {
                        "StringEquals": {
                            f"{HOST}:aud": AUDIENCE,
                            f"{HOST}:sub": f"repo:{repository}:environment:{environment}",
                        }
                    },
                    principals={"Federated": (self._github,)},
                )
            ]
        )

    def _attach(self, owner: str, role: iam.Role, part: str, rights: tuple[Statement, ...]) -> None:
        policy = iam.Policy(
            f"{owner}-{part}",
            name=f"{owner}-{part}",
            path=PATH,
            policy=document(rights),
            opts=self._child,
        )
        iam.RolePolicyAttachment(
            f"{owner}-{part}-attached", role=role.name, policy_arn=policy.arn, opts=self._child
        )
