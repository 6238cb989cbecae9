"""The registry of formats: each suffix once, and each format as GDAL and its readers know it."""

import doctest

import pytest
import rasterio

from phusong.geodata.files import archives, input_formats
from phusong.geodata.files.input_formats import FORMATS, FeatureFormat, Format, RasterFormat


def test_examples():
    assert doctest.testmod(input_formats).failed == 0


def test_a_suffix_names_one_format():
    every = input_formats.suffixes(Format)
    assert len(set(every)) == len(every)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in every)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_format_is_found_by_its_suffixes_in_any_case(form, tmp_path):
    for suffix in form.suffixes:
        assert input_formats.of_path(tmp_path / f"a.b{suffix}") is form
        assert input_formats.of_path(tmp_path / f"a{suffix.upper()}") is form
    assert input_formats.of_path(tmp_path / "a") is None


def test_beginnings_are_in_small_letters():
    """They are held against the lower case of a file."""
    forms = [form for form in FORMATS if isinstance(form, FeatureFormat)]
    assert all(form.begins == form.begins.lower() and form.begins for form in forms)


def test_rasters_are_of_drivers_that_gdal_has():
    drivers = {form.driver for form in FORMATS if isinstance(form, RasterFormat)}
    with rasterio.Env() as env:
        assert drivers <= set(env.drivers())


def test_what_is_packed_is_no_format_but_kmz():
    assert set(archives.PACKED) & set(input_formats.suffixes(Format)) == {".kmz"}
