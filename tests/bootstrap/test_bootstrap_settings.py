"""The settings of bootstrap/: what is refused, all at once, in words."""

import pytest

from bootstrap.settings import SettingsError


def test_every_wrong_setting_is_named_at_once_with_what_is_allowed(bootstrap):
    with pytest.raises(SettingsError) as fault:
        bootstrap(
            repository="https://github.com/owner/name",
            stacks=["dev", "Prod"],
            stateBucket="The Bucket",
            secretsKeyArn="alias/mine",
            providerArn="arn:aws:iam::1:oidc-provider/gitlab.com",
        )
    told = str(fault.value)
    assert told.startswith("5 of the settings cannot be used")
    for line in (
        "repository: 'https://github.com/owner/name' is not a repository as owner/name",
        'stacks: \'["dev", "Prod"]\' is not a list of different stack names',
        "stateBucket: 'The Bucket' is not the name of a bucket",
        "secretsKeyArn: 'alias/mine' is not the ARN of a KMS key",
        "providerArn: 'arn:aws:iam::1:oidc-provider/gitlab.com' is not the ARN of GitHub's OIDC",
    ):
        assert line in told


@pytest.mark.parametrize("repository", ["", "name", "owner/*", "*/name", "owner/na?e", "a/b/c"])
def test_a_repository_that_could_mean_several_is_refused(bootstrap, repository):
    with pytest.raises(SettingsError, match="repository"):
        bootstrap(repository=repository)


@pytest.mark.parametrize("stacks", [[], ["dev", "dev"], "dev", ["a*"]])
def test_stacks_that_are_none_are_refused(bootstrap, stacks):
    with pytest.raises(SettingsError, match="stacks"):
        bootstrap(stacks=stacks)


def test_each_stack_has_its_own_roles_and_boundary(bootstrap):
    made = bootstrap(stacks=["dev", "test", "prod"])
    assert {role.inputs["name"] for role in made.of("iam.Role")} == {
        f"{kind}-{stack}" for kind in ("preview", "update") for stack in ("dev", "test", "prod")
    }
    assert {p.inputs["name"] for p in made.of("iam.Policy") if "boundary" in p.name} == {
        f"boundary-{stack}" for stack in ("dev", "test", "prod")
    }
