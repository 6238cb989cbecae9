"""No error is told in English alone: what is wrong and what to do are messages."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDERS = ("coverage", "geodata", "scenarios", "maps", "phusong")
TEXTS = {"Defect": (1, 2), "InputError": (0,), "NetworkError": (1,), "BrokenError": (1,)}
TEXTS |= {"MissingError": (1,), "defect": (1, 2)}  # `table.defect`, a method


def sentence(node: ast.AST) -> bool:
    """Return whether a piece of code is text with more than one word in it."""
    if isinstance(node, ast.JoinedStr):
        return any(sentence(part) for part in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def spelled(function: ast.FunctionDef) -> set[str]:
    """Return the local names of a function that hold such text."""
    return {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _is_text(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    return sentence(node)


def english_only(source: str) -> Iterator[int]:
    """Yield the lines of code that raise an error in English alone."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = spelled(function)
        for call in ast.walk(function):
            if isinstance(call, ast.Call):
                name = getattr(call.func, "id", getattr(call.func, "attr", ""))
                given = [call.args[i] for i in TEXTS.get(name, ()) if i < len(call.args)]
                if any(_is_text(n) or getattr(n, "id", "") in names for n in given):
                    yield call.lineno


def test_errors_are_told_in_messages():
    told = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in english_only(path.read_text(encoding="utf-8"))
    ]
    assert told == []


def test_the_search_finds_them():
    code = 'def f():\n    why = "is not there" + x\n    raise InputError(id_, [Defect(s, why)])'
    assert list(english_only(code)) == [3]
    assert list(english_only('def f():\n    raise InputError(message("a b"))')) == []
