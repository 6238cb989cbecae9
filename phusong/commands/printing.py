"""The report on paper: PDF through Chromium, with page numbers and bookmarks; DOCX for Word."""

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from phusong.errors import Defect, InputError
from phusong.messages import message

# What is printed needs imports that --help should not wait for.
# ruff: noqa: PLC0415

REPORT, ANNEXES, SUMMARY = "report.pdf", "annexes.pdf", "summary.pdf"
DOCX = "report.docx"
NAMES = (REPORT, ANNEXES, SUMMARY, DOCX)
# Class of the body that leaves in what each file holds; see maps/static/report.css.
PARTS = {REPORT: "main-part", ANNEXES: "annexes", SUMMARY: "first-part"}
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
PDF_SECONDS = 180


def write_pdfs(program: str, run_folder: Path, language: str) -> list[Path]:
    """Write the report, its annexes and its first page as PDF files beside the report.

    The report is printed twice: the first time tells on which page each section begins.
    """
    from phusong.geodata.runs.folder import open_run
    from phusong.maps.report import report

    run = open_run(run_folder).in_language(language)
    page = report.rendered(run, language)
    paths = [run_folder / name for name in PARTS]
    _write_part(program, page, run_folder / REPORT)
    pages = _pages(run_folder / REPORT)
    page = report.rendered(run, language, pages)
    for path in paths:
        _write_part(program, page, path)
        _add_bookmarks(path, report.sections(language))
    return paths


def _write_part(program: str, page: str, path: Path) -> None:
    """Print one part of the report."""
    from phusong.maps.frame import policy

    part = page.replace("<body>", f'<body class="{PARTS[path.name]}">', 1)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "report.html"
        source.write_text(policy.guarded(part), encoding="utf-8")
        write_pdf(program, source, path)


def _pages(path: Path) -> dict[str, int]:
    """Return the number of the page on which each linked place of a PDF file begins."""
    from pypdf import PdfReader

    reader = PdfReader(path)
    numbers = {}
    for name, destination in reader.named_destinations.items():
        number = reader.get_destination_page_number(destination)
        if number is not None and number >= 0:
            numbers[name.lstrip("/")] = number + 1
    return numbers


def _add_bookmarks(path: Path, sections: Mapping[str, str]) -> None:
    """Add a bookmark for each section that a PDF file holds, in the order of its pages."""
    from pypdf import PdfWriter

    from phusong.geodata.files.whole import replace_whole

    pages = _pages(path)
    writer = PdfWriter(clone_from=path)
    for name, title in sorted(sections.items(), key=lambda item: pages.get(item[0], 0)):
        if name in pages:
            writer.add_outline_item(title=title, page_number=pages[name] - 1)
    writer.page_mode = "/UseOutlines"
    with replace_whole(path) as temporary:
        writer.write(temporary)


def write_docx(run_folder: Path, language: str) -> Path:
    """Write the report for Word; with its map where a browser can draw it."""
    from phusong.geodata.runs.folder import open_run
    from phusong.maps.report import word_report

    run = open_run(run_folder).in_language(language)
    programs = [path for name in BROWSERS if (path := shutil.which(name))]
    picture = _picture(programs, word_report.map_page(run, language)) if programs else b""
    return word_report.write(run, language, run_folder / DOCX, picture)


def _picture(programs: Sequence[str], page: str) -> bytes:
    """Return a page of one drawing as a PNG picture."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "map.html", Path(folder) / "map.png"
        source.write_text(page, encoding="utf-8")
        shot = [
            f"--screenshot={target}",
            "--window-size=1000,1130",
            "--force-device-scale-factor=2",
        ]
        _run(programs[0], [*shot, source.as_uri()], Path(folder))
        return _trimmed(target) if target.is_file() else b""


def _trimmed(path: Path) -> bytes:
    """Return a picture without the paper round it."""
    from PIL import Image, ImageOps

    with Image.open(path) as picture:
        drawn = picture.convert("RGB")
    buffer = io.BytesIO()
    drawn.crop(ImageOps.invert(drawn.convert("L")).getbbox()).save(buffer, "PNG")
    return buffer.getvalue()


def _run(
    program: str, arguments: Sequence[str], profile: Path
) -> "subprocess.CompletedProcess[bytes]":
    """Run a headless browser that reaches no other computer."""
    command = [
        program,
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={profile / 'profile'}",
        *arguments,
    ]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.insert(1, "--no-sandbox")  # Chromium refuses its sandbox to root
    try:
        return subprocess.run(  # noqa: S603 - no part comes from data
            command, capture_output=True, check=False, timeout=PDF_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            message("refusal.did_not_print_within_s", browser=program, pdf_seconds=PDF_SECONDS)
        ) from None


def browser() -> str:
    """Return the path of Chromium or one of its kin."""
    path_ = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if path_ is None:
        remedy = message("remedy.install_chromium_or_print_report_html")
        defect = Defect(
            "--pdf", message("problem.none_of_is_on_the_path", browsers=[*BROWSERS]), remedy
        )
        raise InputError(message("refusal.cannot_write_a_pdf"), [defect])
    return path_


def write_pdf(program: str, page: Path, path: Path) -> Path:
    """Print a page to PDF with headless Chromium, with no request leaving the computer."""
    from phusong.geodata.files.whole import replace_whole

    with tempfile.TemporaryDirectory() as profile, replace_whole(path) as temporary:
        printed = [f"--print-to-pdf={temporary.resolve()}", page.resolve().as_uri()]
        done = _run(program, ["--no-pdf-header-footer", *printed], Path(profile))
        if done.returncode or not temporary.is_file():
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            reason = lines[-1] if lines else "-"
            raise InputError(message("refusal.could_not_print", browser=program, reason=reason))
    return path
