"""What `pulumi up` makes: typed components over pulumi-aws; know only lake and queries."""
