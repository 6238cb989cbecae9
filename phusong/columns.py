"""Every column phusong reads or writes: its name, unit and meaning, in one place."""

from typing import NamedTuple


class Column(NamedTuple):
    """A column of a table: unit ('' where it has none) and meaning in both languages."""

    name: str
    unit: str
    english: str
    vietnamese: str


def _table(*rows: tuple[str, str, str, str]) -> dict[str, Column]:
    return {row[0]: Column(*row) for row in rows}


# Keys and places
SITE_ID = "site_id"
POSITION_ID = "position_id"
ZONE_ID = "zone_id"
COMMUNE_CODE = "commune_code"
DISTRICT_CODE = "district_code"
NAME = "name"
NAME_ASCII = "name_ascii"
COMMUNE_TYPE = "commune_type"
DISTRICT = "district"
KIND = "kind"
STATUS = "status"
SOURCE = "source"
LON = "lon"
LAT = "lat"
X_M = "x_m"
Y_M = "y_m"

# The existing network
OPERATOR = "operator"
TECHNOLOGIES = "technologies"
HEIGHT_M = "height_m"
MAST_CLASS = "mast_class"
CLUTTER = "clutter"
AZIMUTHS_DEG = "azimuths_deg"

# Paths and receivers
DISTANCE_KM = "distance_km"
CLUTTER_M = "clutter_m"
RADIO_ZONE = "zone"
RECEIVER_ID = "id"

# Demand
POPULATION = "population"
AREA_KM2 = "area_km2"
AREA_HA = "area_ha"
WORKERS = "workers"
VISITORS = "visitors"
CATEGORY = "category"
CONFIDENCE = "confidence"

# Results
SITES = "sites"
RANK = "rank"
YEAR = "year"
SCORE = "score"
PEOPLE_GAINED = "people_gained"
WORKERS_GAINED = "workers_gained"
VISITORS_GAINED = "visitors_gained"
AREA_GAINED_KM2 = "area_gained_km2"
ZONE_DEMAND_GAINED = "zone_demand_gained"
COST_MILLION_VND = "cost_million_vnd"
RANK_LOW = "rank_low"
RANK_HIGH = "rank_high"
REASON = "reason"
PEOPLE = "people"
CAUSE = "cause"
COVERED_POPULATION_SHARE_BEFORE = "covered_population_share_before"
COVERED_POPULATION_SHARE_AFTER = "covered_population_share_after"
COVERED_AREA_SHARE_BEFORE = "covered_area_share_before"
COVERED_AREA_SHARE_AFTER = "covered_area_share_after"
COVERED_POPULATION_SHARE_4G = "covered_population_share_4g"
COVERED_SHARE_BEFORE = "covered_share_before"
COVERED_SHARE_AFTER = "covered_share_after"

COLUMNS = _table(
    (SITE_ID, "", "site identifier", "mã trạm"),
    (POSITION_ID, "", "position (mast) shared by the sites on it", "mã vị trí (cột ăng ten)"),
    (ZONE_ID, "", "zone identifier", "mã khu vực"),
    (COMMUNE_CODE, "", "official code of the commune", "mã xã, phường, thị trấn"),
    (DISTRICT_CODE, "", "official code of the district", "mã huyện, thành phố"),
    (NAME, "", "name", "tên"),
    (NAME_ASCII, "", "name without diacritics", "tên không dấu"),
    (COMMUNE_TYPE, "", "phuong (ward), thi tran (township) or xa (commune)", "loại đơn vị"),
    (DISTRICT, "", "name of the district", "tên huyện, thành phố"),
    (KIND, "", "kind", "loại"),
    (STATUS, "", "status", "trạng thái"),
    (SOURCE, "", "source", "nguồn"),
    (LON, "deg", "longitude, WGS 84", "kinh độ"),
    (LAT, "deg", "latitude, WGS 84", "vĩ độ"),
    (X_M, "m", "easting in the planning grid", "tọa độ Đông"),
    (Y_M, "m", "northing in the planning grid", "tọa độ Bắc"),
    (OPERATOR, "", "operator", "nhà mạng"),
    (TECHNOLOGIES, "", "technologies on air, such as 3G/4G", "công nghệ"),
    (HEIGHT_M, "m", "antenna height above ground", "độ cao ăng ten so với mặt đất"),
    (MAST_CLASS, "", "mast class A1, A2a or A2b", "loại cột ăng ten"),
    (CLUTTER, "", "setting of the site", "khu vực đặt trạm"),
    (AZIMUTHS_DEG, "deg", "azimuths of the sectors, such as 0/120/240", "góc phương vị"),
    (DISTANCE_KM, "km", "distance from the transmitter along a path", "khoảng cách"),
    (CLUTTER_M, "m", "height of clutter above ground on a path", "độ cao lớp phủ mặt đất"),
    (RADIO_ZONE, "", "radio-climatic zone: 1 sea, 3 coast, 4 inland", "vùng khí hậu vô tuyến"),
    (RECEIVER_ID, "", "receiver identifier", "mã điểm thu"),
    (POPULATION, "people", "residents, census of 1 April 2019", "dân số"),
    (AREA_KM2, "km2", "area", "diện tích"),
    (AREA_HA, "ha", "area as published", "diện tích theo công bố"),
    (WORKERS, "people", "workers in the zone", "lao động"),
    (VISITORS, "people", "visitors present on a peak day", "khách du lịch ngày cao điểm"),
    (CATEGORY, "", "category of the zone in its source", "phân loại"),
    (CONFIDENCE, "", "confidence of the zone's place", "độ tin cậy vị trí"),
    (SITES, "", "number of existing sites", "số trạm hiện có"),
    (RANK, "", "place in the order of build", "xếp hạng"),
    (YEAR, "", "year of build", "năm xây dựng"),
    (SCORE, "", "demand gained per million VND, the best candidate being 100", "điểm ưu tiên"),
    (PEOPLE_GAINED, "people", "residents newly covered", "dân số được phủ sóng thêm"),
    (WORKERS_GAINED, "people", "workers newly covered", "lao động được phủ sóng thêm"),
    (VISITORS_GAINED, "people", "visitors newly covered", "khách du lịch được phủ sóng thêm"),
    (AREA_GAINED_KM2, "km2", "area newly covered", "diện tích được phủ sóng thêm"),
    (ZONE_DEMAND_GAINED, "people", "demand gained inside zones", "nhu cầu trong khu vực ưu tiên"),
    (COST_MILLION_VND, "million VND", "cost of the station", "chi phí"),
    (RANK_LOW, "", "best rank in the stated interval", "hạng cao nhất"),
    (RANK_HIGH, "", "worst rank in the stated interval", "hạng thấp nhất"),
    (REASON, "", "why the candidate stands where it does", "lý do"),
    (PEOPLE, "people", "residents in the area", "dân số trong vùng"),
    (CAUSE, "", "likely cause", "nguyên nhân"),
    (
        COVERED_POPULATION_SHARE_BEFORE,
        "share",
        "residents covered by 5G before the plan",
        "tỷ lệ dân số được phủ sóng 5G trước kế hoạch",
    ),
    (
        COVERED_POPULATION_SHARE_AFTER,
        "share",
        "residents covered by 5G after the plan",
        "tỷ lệ dân số được phủ sóng 5G sau kế hoạch",
    ),
    (
        COVERED_AREA_SHARE_BEFORE,
        "share",
        "area covered by 5G before the plan",
        "tỷ lệ diện tích được phủ sóng 5G trước kế hoạch",
    ),
    (
        COVERED_AREA_SHARE_AFTER,
        "share",
        "area covered by 5G after the plan",
        "tỷ lệ diện tích được phủ sóng 5G sau kế hoạch",
    ),
    (
        COVERED_POPULATION_SHARE_4G,
        "share",
        "residents covered by 4G outdoors today",
        "tỷ lệ dân số được phủ sóng 4G ngoài trời hiện nay",
    ),
    (
        COVERED_SHARE_BEFORE,
        "share",
        "demand of the zone covered before the plan",
        "tỷ lệ nhu cầu được phủ sóng trước kế hoạch",
    ),
    (
        COVERED_SHARE_AFTER,
        "share",
        "demand of the zone covered after the plan",
        "tỷ lệ nhu cầu được phủ sóng sau kế hoạch",
    ),
)

# The columns of every table, in the order they are written.
COMMUNES = (COMMUNE_CODE, NAME, NAME_ASCII, COMMUNE_TYPE, DISTRICT_CODE, DISTRICT, POPULATION)
DISTRICTS = (DISTRICT_CODE, NAME, NAME_ASCII, POPULATION)
ZONES = (
    ZONE_ID,
    KIND,
    NAME,
    CATEGORY,
    STATUS,
    COMMUNE_CODE,
    DISTRICT_CODE,
    AREA_HA,
    WORKERS,
    VISITORS,
    CONFIDENCE,
    SOURCE,
)
BTS = (
    SITE_ID,
    POSITION_ID,
    OPERATOR,
    TECHNOLOGIES,
    STATUS,
    COMMUNE_CODE,
    DISTRICT_CODE,
    HEIGHT_M,
    MAST_CLASS,
    CLUTTER,
    AZIMUTHS_DEG,
)
SHARES = (
    COVERED_POPULATION_SHARE_BEFORE,
    COVERED_POPULATION_SHARE_AFTER,
    COVERED_AREA_SHARE_BEFORE,
    COVERED_AREA_SHARE_AFTER,
    COVERED_POPULATION_SHARE_4G,
)
RESULT_COMMUNES = (*COMMUNES, SITES, *SHARES)
RESULT_DISTRICTS = (*DISTRICTS, SITES, *SHARES)
RESULT_ZONES = (*ZONES, COVERED_SHARE_BEFORE, COVERED_SHARE_AFTER)
RANKING = (
    RANK,
    SITE_ID,
    KIND,
    POSITION_ID,
    ZONE_ID,
    COMMUNE_CODE,
    DISTRICT_CODE,
    YEAR,
    SCORE,
    PEOPLE_GAINED,
    WORKERS_GAINED,
    VISITORS_GAINED,
    ZONE_DEMAND_GAINED,
    AREA_GAINED_KM2,
    COST_MILLION_VND,
    HEIGHT_M,
    MAST_CLASS,
    RANK_LOW,
    RANK_HIGH,
    REASON,
)
HOLES = (COMMUNE_CODE, DISTRICT_CODE, PEOPLE, AREA_KM2, CAUSE)
