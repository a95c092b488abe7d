"""Every check in one command: ``python -m tests`` (format, lint, types, then all tests)."""

import subprocess
import sys

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy", "."),
    ("pytest", "-n", "3", "--dist", "loadfile"),  # browser tests wait more than they work
)


def main() -> int:
    """Run each check in turn and stop at the first that fails; its exit code is ours."""
    for check in CHECKS:
        print("$", *check, flush=True)
        code = subprocess.call([sys.executable, "-m", *check])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
