"""`deskbell demo` where its extra was not installed."""

from tests.bot.cli.conftest import ROOT, Shell

WITHOUT = 'import sys\nsys.modules["aiosmtpd"] = None\n'


def test_a_demo_without_its_extra_says_what_to_install(deskbell: Shell) -> None:
    (deskbell.folder / "sitecustomize.py").write_text(WITHOUT)
    deskbell.environment = {"PYTHONPATH": f"{deskbell.folder}:{ROOT}"}

    refused = deskbell("demo", "--no-browser")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "the demo needs aiosmtpd, of the extra `demo`: pip install -e '.[demo]'\n"
