"""The claims ledger, and the checks that earn each verdict."""
