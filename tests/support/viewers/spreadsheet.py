"""CSV files and workbooks as LibreOffice opens them, and as a table of numbers and text."""

import csv
import io
import os
import shutil
import subprocess

import pandas as pd
import pytest

from phusong.geodata import csv_forms

VIETNAMESE, ENGLISH = 1066, 2057  # locales of Windows, as filters of LibreOffice number them
LOCALES = {"vi": VIETNAMESE, "en": ENGLISH}
NUMBER = csv_forms._NUMBER


def frame(path, language="en", **options):
    """Return a CSV file written for people as pandas reads that of machines."""
    form = csv_forms.of_language(language)
    text = path.read_text(encoding="utf-8-sig")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=form.separator)
    plain = io.StringIO()
    csv.writer(plain).writerows([_plain(cell, form.decimal) for cell in line] for line in lines)
    plain.seek(0)
    return pd.read_csv(plain, **options)


def _plain(cell, decimal):
    number = NUMBER.fullmatch(cell) and decimal in cell
    return cell.replace(decimal, ".") if number else csv_forms.rearmed(cell)


def libreoffice():
    """Return the program; skip where there is none, fail where CI is set."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("LibreOffice is not installed")
    return program


def converted(path, folder, suffix, filter_=""):
    """Return a file that LibreOffice has opened and written in another format into a folder."""
    command = [
        libreoffice(),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        suffix,
        *([f"--infilter={filter_}"] if filter_ else []),
        "--outdir",
        folder,
        path,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / f"{path.stem}.{suffix.partition(':')[0]}"


def csv_filter(language):
    """Return how LibreOffice reads CSV as a user of a language does who double-clicks it."""
    separator = ord(csv_forms.of_language(language).separator)
    return f"CSV:{separator},34,76,1,,{LOCALES[language]}"
