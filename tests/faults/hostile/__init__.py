"""The families of hostile mails; `tests.faults.hostile_mails` is the way in."""
