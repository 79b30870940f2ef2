"""What a person runs once per account, so that GitHub may deploy: provider, roles, boundaries."""
