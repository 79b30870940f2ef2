"""Run once per account by a person: `pulumi -C bootstrap up`. The README says when and why."""

import sys
from pathlib import Path

import pulumi

# pulumi starts this file from its own folder: the parts that it shares lie beside it
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bootstrap.github import GitHubAccess
from bootstrap.settings import read

settings = read(pulumi.Config())
access = GitHubAccess("github", settings)
for stack, roles in access.stacks.items():
    # what to type: the README, "Previews and updates by GitHub"
    pulumi.export(f"{stack} AWS_ROLE of environment preview-{stack}", roles.preview)
    pulumi.export(f"{stack} AWS_ROLE of environment {stack}", roles.update)
    pulumi.export(f"{stack} permissionsBoundary", roles.boundary)
