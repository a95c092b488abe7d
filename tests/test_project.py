"""What the project promises of itself: its commands, its dependencies, its size, its files."""

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GATE = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
BINARY = {".zip", ".png", ".parquet", ".gpkg", ".ico", ".woff2"}
MEGABYTE = 1024 * 1024


def ignored() -> set[str]:
    """Folders that .gitignore names."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return {".git"} | {line.strip("/").split("/")[-1] for line in lines if line.endswith("/")}


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the project."""
    outside = ignored()
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in outside and not path.name.endswith(".egg-info"):
            yield from files(path)
        elif path.is_file() and path.suffix != ".pyc":
            yield path


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every file that people read."""
    for path in files():
        if path.suffix not in BINARY:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The commands in the README's blocks of one language."""
    return [block.strip() for block in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(name: str) -> list[str]:
    """The packages that a requirements file names itself."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line) for line in lines]
    return [normal(match[0]) for match in found if match]


# -- the commands


def test_the_gate_runs_the_very_command_that_the_readme_gives() -> None:
    commands = [line for line in GATE.splitlines() if "python" in line and " -m " in line]
    assert commands
    assert commands[-1] in blocks("sh")
    assert commands[-1] == GATE.rstrip().splitlines()[-1], "nothing comes after it"
    assert "python -m tests" in commands[-1]


def test_the_gate_installs_the_browser_that_the_readme_asks_for() -> None:
    for text in (README, GATE):
        assert re.search(r"apt-get install [^\n&]*\bchromium\b", text)


def test_each_command_for_windows_stands_beside_its_like() -> None:
    windows = blocks("powershell")
    assert len(windows) == 2
    for command in windows:
        like = (
            command.replace(".venv\\Scripts\\", ".venv/bin/")
            .replace("; ", " && ")
            .replace("py -m venv", "python3 -m venv")
        )
        assert any(block.endswith(like) for block in blocks("sh")), command


def test_what_the_readme_points_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(links) > 2
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_names_every_option_of_the_build() -> None:
    from geodata.__main__ import _parser

    (commands,) = [action for action in _parser()._actions if action.choices]
    assert isinstance(commands.choices, dict)
    options = {option for action in commands.choices["build"]._actions for option in action.option_strings}
    named = {option for option in options if option.startswith("--")} - {"--help"}
    assert {option for option in named if f"{option}`" not in README and f"{option} " not in README} == set()


# -- the dependencies


def test_each_dependency_has_its_reason() -> None:
    table = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    reasons = {
        normal(name): reason for name, reason in re.findall(r"^\| ([\w.-]+) \| (.{5,}) \|$", table, re.MULTILINE)
    }
    reasons.pop("package")
    assert sorted(reasons) == sorted({*required("requirements.txt"), *required("requirements-dev.txt")})


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_each_dependency_is_named_once_with_its_bounds(name: str) -> None:
    assert len(required(name)) == len(set(required(name)))
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        assert line.startswith(("#", "-r ")) or re.fullmatch(r"[A-Za-z0-9._-]+>=[\d.]+(,<[\d.]+)?", line), line


@pytest.mark.parametrize(
    ("rooms", "lists"),
    [
        (("app.py", "pages", "geodata", "hotspots", "sample_data"), ("requirements.txt",)),
        (("tests", "benchmarks"), ("requirements.txt", "requirements-dev.txt")),
    ],
    ids=["to run", "to test"],
)
def test_what_is_imported_is_required(rooms: tuple[str, ...], lists: tuple[str, ...]) -> None:
    ours = {path.stem for path in ROOT.iterdir() if path.is_dir() or path.suffix == ".py"}
    listed = {package for name in lists for package in required(name)}
    providers = importlib.metadata.packages_distributions()
    missing = {
        f"{module} in {path.relative_to(ROOT).as_posix()}"
        for room in rooms
        for path in ([ROOT / room] if room.endswith(".py") else files(ROOT / room))
        if path.suffix == ".py"
        for module in top_level(path)
        if module not in ours | set(sys.stdlib_module_names)
        and not {normal(name) for name in providers.get(module, ())} & listed
    }
    assert missing == set()


def top_level(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}


# -- the files


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    here = [str(ROOT), *([f"{ROOT.parent}/"] if len(ROOT.parent.parts) > 1 else []), f"{Path.home()}/"]
    personal = re.compile(r"/home/[a-z]|/Users/[A-Za-z]|[A-Z]:\\Users\\|/roo[t]/")
    found = [name for name, text in texts() if any(place in text for place in here) or personal.search(text)]
    assert found == []


def test_what_users_read_points_to_nothing_outside_the_project() -> None:
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        assert "../shared" not in path.read_text(encoding="utf-8"), path.name


def test_the_sample_is_small() -> None:
    sizes = [path.stat().st_size for path in files(ROOT / "sample_data")]
    assert MEGABYTE < sum(sizes) < 10 * MEGABYTE


def test_no_emoji() -> None:
    emoji = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f]")
    assert [name for name, text in texts() if emoji.search(text)] == []


def test_every_text_is_utf_8() -> None:
    assert len([name for name, text in texts() if "\ufffd" not in text]) > 50
