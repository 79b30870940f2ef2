"""What all parts agree on: schema, rule, names, store, ledger; imports nothing of ours."""
