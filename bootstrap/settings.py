"""The settings of bootstrap/, as one typed value that was checked."""

import re
from dataclasses import dataclass

import pulumi

from components.settings import STACK_NAME

REPOSITORY = r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}"
"""GitHub's names: an owner of letters, digits and single dashes, and a repository. No `*` and no
`?` gets into a role's trust."""
BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
KEY_ARN = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-f-]{36}"
PROVIDER_ARN = r"arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What bootstrap/ makes, and for whom."""

    repository: str
    """owner/name on GitHub"""
    stacks: tuple[str, ...]
    state_bucket: str = ""
    """empty where Pulumi's own service holds the state"""
    secrets_key_arn: str = ""
    """empty where a passphrase encrypts the secrets"""
    provider_arn: str = ""
    """empty where GitHub's OIDC provider is to be made"""


class SettingsError(pulumi.RunError):
    """Settings cannot be used; the message names every one, and what is allowed."""


def read(config: pulumi.Config) -> Settings:
    """Return the settings. Raises SettingsError, which names all faults at once."""
    faults = []

    def text(key: str, pattern: str, allowed: str, *, required: bool = False) -> str:
        given = config.get(key) or ""
        if (given or required) and not re.fullmatch(pattern, given):
            faults.append(f"{key}: {given!r} is not {allowed}")
        return given

    def names(key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        try:
            given = config.get_object(key)
        except pulumi.ConfigTypeError:
            given = ()
        listed = default if given is None else given
        stand = isinstance(listed, (list, tuple)) and all(
            isinstance(name, str) and re.fullmatch(STACK_NAME, name) for name in listed
        )
        if not (stand and listed and len(set(listed)) == len(listed)):
            faults.append(f"{key}: {config.get(key)!r} is not a list of different stack names")
            return ()
        return tuple(listed)

    settings = Settings(
        repository=text("repository", REPOSITORY, "a repository as owner/name", required=True),
        stacks=names("stacks", ("dev", "prod")),
        state_bucket=text("stateBucket", BUCKET, "the name of a bucket"),
        secrets_key_arn=text("secretsKeyArn", KEY_ARN, "the ARN of a KMS key"),
        provider_arn=text("providerArn", PROVIDER_ARN, "the ARN of GitHub's OIDC provider"),
    )
    if faults:
        raise SettingsError(
            f"{len(faults)} of the settings cannot be used; `pulumi config set` changes them,"
            f" Pulumi.yaml describes them:{''.join(f'{chr(10)}  {fault}' for fault in faults)}"
        )
    return settings
