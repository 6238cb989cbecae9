"""A list of 5G stations replaces what is on air, by date and on known positions."""

from dataclasses import replace

import geopandas as gpd
import pytest
from shapely.geometry import Point

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import baseline
from phusong.geodata.network import sites, words

HEADER = "Mã trạm,Nhà mạng,Ngày phát sóng,lon,lat\n"


def listed(province, tmp_path, rows, header=HEADER):
    """Read a list with a row for each (name, operator, date, easting and northing offset)."""
    lines = []
    for name, operator, date, row, east_m in rows:
        point = province.sites.geometry.iloc[[row]].translate(east_m).to_crs("EPSG:4326").iloc[0]
        lines.append(f"{name},{operator},{date},{point.x:.7f},{point.y:.7f}\n")
    path = tmp_path / "on_air.csv"
    path.write_text(header + "".join(lines), encoding="utf-8")
    return sites.read_sites(path, province.communes)


def live_5g(province):
    return province.sites[province.sites[col.TECHNOLOGIES].str.contains("5G")]


def test_stations_of_a_list_replace_those_on_air(mini_province, tmp_path):
    rows = [
        ("A1", "Viettel", "30/06/2023", 1, 20.0),  # 20 m beside P01
        ("A2", "VNPT", "2023", 2, 400.0),  # a position of its own
        ("A3", "VNPT", "2024-01-01", 4, 0.0),  # too late
        ("A4", "VNPT", "", 5, 0.0),  # without a date
    ]
    own = baseline.with_existing_5g(
        mini_province, listed(mini_province, tmp_path, rows), "2023-12-31"
    )
    live = live_5g(own).set_index(col.SITE_ID)
    assert list(live.index) == ["A1", "A2", "A4"]  # the site with 5G before has none now
    assert live[col.POSITION_ID]["A1"] == "P01"
    assert live.geometry["A1"].equals(mini_province.sites.geometry.iloc[1])
    assert live[col.POSITION_ID]["A2"] not in set(mini_province.sites[col.POSITION_ID])
    assert set(live[col.TECHNOLOGIES]) == {"5G"}
    assert own.baseline[:6] == ("2023-12-31", 3, 2, 1, 1, "on_air.csv")
    assert own.baseline.placement == "listed"
    assert len(own.baseline.sha256) == 64
    kept = own.sites[~own.sites[col.SITE_ID].isin(live.index)]
    assert list(kept[col.SITE_ID]) == list(mini_province.sites[col.SITE_ID])
    assert kept[col.TECHNOLOGIES].iloc[0] == "4G"
    assert own.provenance == mini_province.provenance


def test_a_later_baseline_has_more_on_air(mini_province, tmp_path):
    rows = [("A1", "VNPT", "06/2023", 1, 0.0), ("A2", "VNPT", "06/2024", 2, 0.0)]
    read = listed(mini_province, tmp_path, rows)
    number = [
        len(live_5g(baseline.with_existing_5g(mini_province, read, date)))
        for date in ("2022-12-31", "2023-06-30", "2024-06-30")
    ]
    assert number == [0, 1, 2]


def test_a_station_takes_the_height_of_its_operator_there_unless_the_list_has_it(
    mini_province, tmp_path
):
    raised = mini_province.sites.assign(
        **{col.HEIGHT_M: [45.0 if name == "S10" else 30.0 for name in mini_province.sites.site_id]}
    )
    province = type(mini_province)(**{**vars(mini_province), "sites": raised})
    rows = [("A1", "VNPT", "2023", 0, 0.0), ("A2", "Gtel", "2023", 1, 0.0)]  # S10: VNPT on P00
    own = baseline.with_existing_5g(province, listed(province, tmp_path, rows), "2023-12-31")
    height_m = live_5g(own).set_index(col.SITE_ID)[col.HEIGHT_M]
    assert height_m.to_dict() == {"A1": 45.0, "A2": 30.0}
    header = HEADER.replace("Mã trạm", "Mã trạm,height_m")
    rows = [("A1,21", "VNPT", "2023", 0, 0.0)]
    own = baseline.with_existing_5g(
        province, listed(province, tmp_path, rows, header), "2023-12-31"
    )
    assert live_5g(own)[col.HEIGHT_M].to_list() == [21.0]


def test_what_is_no_date_is_told_with_its_row(mini_province, tmp_path):
    rows = [("A1", "VNPT", "2023", 1, 0.0), ("A2", "VNPT", "31/02/2023", 2, 0.0)]
    with pytest.raises(InputError, match=r"on_air\.csv:3.*is not a date.*30/06/2025"):
        listed(mini_province, tmp_path, rows)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30/06/2025", "2025-06-30"),
        ("30.6.25", "2025-06-30"),
        ("2025-06-30 08:00", "2025-06-30"),
        ("02/2024", "2024-02-29"),
        ("2024", "2024-12-31"),
        ("", ""),
        ("soon", None),
        ("13/2024", None),
    ],
)
def test_days_are_read_as_people_write_them(text, day):
    assert words.day(text) == day


COUNT = baseline.StationCount(3, "2025-06-30", (), "press")


def counted(province, seed=1, **changes):
    return baseline.with_counted_5g(province, province.zones, COUNT._replace(**changes), seed)


def at(province, *places_m):
    """Return the province with its positions moved to these places, the others far to the north."""
    xy = dict(zip(province.sites[col.POSITION_ID].unique(), places_m, strict=False))
    shapes = [Point(xy.get(name, (560_000.0, 2_380_000.0))) for name in province.sites.position_id]
    return replace(province, sites=province.sites.set_geometry(shapes, crs=5897))


def test_counted_stations_go_to_cities_then_parks_then_tourism(mini_province):
    """Two positions in each zone, none in a commune: a fourth station is again a city's."""
    shapes = mini_province.zones.set_index(col.ZONE_ID).centroid
    places = [
        (shapes[zone].x + side, shapes[zone].y) for zone in ("T01", "I01", "U01") for side in (0, 9)
    ]
    province = at(mini_province, *places)
    province = replace(province, sites=province.sites.assign(**{col.COMMUNE_CODE: ""}))
    for number, held in ((1, "U"), (2, "UI"), (3, "UIT"), (4, "UUIT")):
        live = live_5g(counted(province, stations=number))
        zone = gpd.sjoin(live, province.zones[[col.ZONE_ID, "geometry"]])[col.ZONE_ID]
        assert sorted(zone.str[0], key="UIT".index) == list(held)


def test_counted_stations_are_a_number_a_date_and_a_draw_by_seed(mini_province):
    own = counted(mini_province)
    live = live_5g(own)
    assert own.baseline == ("2025-06-30", 3, 3, 0, 0, "press", "", "counted")
    assert len(live) == 3
    assert set(live[col.TECHNOLOGIES]) == {"5G"}
    assert live[col.SITE_ID].is_unique
    assert list(own.sites[col.SITE_ID][:12]) == list(mini_province.sites[col.SITE_ID])
    assert list(live_5g(counted(mini_province))[col.SITE_ID]) == list(live[col.SITE_ID])
    drawn = {tuple(live_5g(counted(mini_province, seed))[col.SITE_ID]) for seed in range(8)}
    assert len(drawn) > 1


def test_counted_stations_are_those_of_the_operators_named(mini_province):
    own = counted(mini_province, stations=9, operators=("VNPT",))
    assert set(live_5g(own)[col.OPERATOR]) == {"VNPT"}
    assert own.baseline.stations == 2  # VNPT is on two positions


def test_every_zone_and_commune_has_one_before_any_has_two():
    groups = [[0, 1], [1, 2, 3], [4]]
    for count in range(6):
        rows = baseline._in_turn(groups, count)
        assert rows == [0, 1, 4, 2, 3][:count]
