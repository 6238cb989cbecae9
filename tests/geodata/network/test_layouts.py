"""Public lists and registers are read without a mapping, as sites or as cells."""

import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.audit import check
from phusong.geodata.network import cells, sites

LON, LAT = 105.6, 21.31
ENODEB = 123_456
HEADER = (
    "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"
)


def opencellid():
    """Return two sectors of one LTE base station, one of another operator, and a cell of 2G."""
    return "".join(
        f"{radio},452,{net},11,{own},{unit},{LON + dx},{LAT},1000,9,1,1700000000,1700000000,0\n"
        for radio, net, own, unit, dx in (
            ("LTE", 4, ENODEB * 256 + 1, 7, 0.0),
            ("LTE", 4, ENODEB * 256 + 2, 8, 0.002),
            ("LTE", 1, ENODEB * 256 + 1, 9, 0.01),
            ("GSM", 4, 4660, 0, 0.0),
        )
    )


def guru():
    return "ECellID,CellName,Longitude,Latitude,PCI,EARFCN,Azimuth\n" + "".join(
        f'{ENODEB * 256 + i},"Vĩnh Yên | {i}",{LON},{LAT},{100 + i},1300,{120 * i}\n'
        for i in range(3)
    )


NETMONSTER = "".join(
    f"{radio};452;04;{own};11;{node};{pci};{LAT};{LON + dx};Vĩnh Yên, đồi;{channel}\n"
    for radio, own, node, pci, dx, channel in (
        ("4G", 1, ENODEB, 7, 0.0, 1300),
        ("4G", 2, ENODEB, 8, 0.002, 1300),
        ("3G", 9, 77, 2147483647, 0.0, 10562),
        ("5G", 99, "", 5, 0.0, 640000),
    )
)
ARCEP = (
    "code_op;nom_op;num_site;id_site_partage;id_station_anfr;x;y;latitude;longitude;nom_reg;nom_dep;"
    "insee_dep;nom_com;insee_com;site_2g;site_3g;site_4g;site_5g\n"
    f"20801;Orange;A1;ZP1;081;611098;6277414;{LAT};{LON};R;D;81;V;81601;1;1;1;0\n"
    f"20810;SFR;B7;ZP1;082;611098;6277414;{LAT};{LON};R;D;81;V;81601;0;0;1;1\n"
)
ANFR = "id;adm_lb_nom;sup_id;emr_lb_systeme;emr_dt;generation;sta_nm_anfr;coordonnees;statut\n" + (
    "".join(
        f"{i};{name};{mast};{system};2020-01-01;{generation};{station};{LAT}, {LON};{status}\n"
        for i, (name, mast, system, generation, station, status) in enumerate(
            (
                ("ORANGE", 9, "LTE 800", "4G", "0752290012", "En service"),
                ("ORANGE", 9, "5G NR 3500", "5G", "0752290012", "En service"),
                ("ORANGE", 9, "GSM 900", "2G", "0752290012", "Projet approuvé"),
                ("SFR", 9, "LTE 700", "4G", "0752290077", "Projet approuvé"),
            )
        )
    )
)
UKE = (
    "Nazwa Operatora;Nr Decyzji;Rodzaj decyzji;Data ważności;Dł geogr stacji;Szer geogr stacji;"
    "Miejscowość;Lokalizacja;IdStacji;TERYT\n"
    "Orange Polska S.A.;LTE1800/1/1;P;2030-01-01;105E36'00\";21N18'36\";M;L;11325;0201011\n"
)


@pytest.fixture(scope="module")
def communes(reference_province):
    return reference_province.communes


def written(folder, text, name):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("header", ["", HEADER])
def test_opencellid_gives_lte_base_stations_at_the_mean_of_their_cells(tmp_path, communes, header):
    path = written(tmp_path, header + opencellid(), "452.csv")
    read = sites.read_sites(path, communes)
    listed = read.sites
    assert listed[col.SITE_ID].tolist() == [f"Viettel-{ENODEB}", f"MobiFone-{ENODEB}"]
    assert listed[col.OPERATOR].tolist() == ["Viettel", "MobiFone"]
    assert listed[col.TECHNOLOGIES].tolist() == ["4G", "4G"]
    lon = listed.to_crs("EPSG:4326").geometry.x
    assert lon.tolist() == pytest.approx([LON + 0.001, LON + 0.01], abs=1e-6)
    note = read.provenance.note
    for part in ("1 rows of GSM left out", "3 rows joined to 2 sites", "'range'"):
        assert part in note


def test_opencellid_predicts_as_a_list_of_sites_and_checks_clean(tmp_path, communes):
    path = written(tmp_path, opencellid(), "452.csv")
    listed = cells.read(path, communes)
    assert set(listed.cells[col.SITE_ID]) == {f"Viettel-{ENODEB}", f"MobiFone-{ENODEB}"}
    said = [str(finding) for finding in check.audit(path)]
    assert any("2 usable sites" in text for text in said)
    assert not any(text.startswith("error") for text in said)


def test_cells_of_network_signal_guru_need_no_mapping(tmp_path, communes):
    path = written(tmp_path, guru(), "cells_eutra.csv")
    listed = cells.read(path, communes).cells
    assert listed[col.CELL_ID].tolist() == [str(ENODEB * 256 + i) for i in range(3)]
    assert listed[col.SITE_ID].tolist() == [str(ENODEB)] * 3
    assert listed[col.AZIMUTH_DEG].tolist() == [0.0, 120.0, 240.0]
    assert set(listed[col.FREQUENCY_MHZ]) == {1815.0}


def test_netmonster_gives_lte_base_stations(tmp_path, communes):
    read = sites.read_sites(written(tmp_path, NETMONSTER, "cells.ntm"), communes)
    assert read.sites[col.SITE_ID].tolist() == [f"Viettel-{ENODEB}"]
    assert "1 rows of 3G" in read.provenance.note
    assert "1 rows of 5G" in read.provenance.note


def test_a_list_without_any_lte_names_no_site(tmp_path, communes):
    with pytest.raises(InputError, match="names no site: 1 rows of GSM"):
        sites.read_sites(written(tmp_path, opencellid().splitlines()[-1] + "\n", "c.csv"), communes)


def test_registers_give_sites_operators_and_technologies(tmp_path, communes):
    arcep = sites.read_sites(written(tmp_path, ARCEP, "sites.csv"), communes).sites
    assert arcep[col.TECHNOLOGIES].tolist() == ["2G/3G/4G", "4G/5G"]
    assert arcep[col.OPERATOR].tolist() == ["Orange", "SFR"]
    assert arcep[col.POSITION_ID].tolist() == ["ZP1", "ZP1"]
    anfr = sites.read_sites(written(tmp_path, ANFR, "observatoire.csv"), communes).sites
    assert anfr[col.SITE_ID].tolist() == ["0752290012", "0752290077"]
    assert anfr[col.TECHNOLOGIES].tolist() == ["4G/5G", "4G"]
    assert anfr[col.STATUS].tolist() == ["live", "planned"]
    uke = sites.read_sites(written(tmp_path, UKE, "lte1800.csv"), communes).sites
    assert uke[col.SITE_ID].tolist() == ["11325"]
    place = uke.to_crs("EPSG:4326").geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((105.6, 21.31))


def test_what_the_user_states_goes_before_a_layout(tmp_path, communes):
    path = written(tmp_path, ARCEP, "sites.csv")
    stated = sites.Stated(headers={col.SITE_ID: "id_station_anfr"})
    read = sites.read_sites(path, communes, stated=stated).sites
    assert read[col.SITE_ID].tolist() == ["081", "082"]
