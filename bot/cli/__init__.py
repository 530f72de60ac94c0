"""The `deskbell` command line, a module for each subject; `bot.cli.app` puts them together."""
