"""The verbs, each defined once, and CommandRunner, the one door through which every chat and the command line go."""
