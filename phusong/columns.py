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
COMMUNE = "commune"
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

# Cells
CELL = "cell"
CELL_ID = "cell_id"
TECHNOLOGY = "technology"
BAND = "band"
FREQUENCY_MHZ = "frequency_mhz"
BANDWIDTH_MHZ = "bandwidth_mhz"
SUBCARRIER_KHZ = "subcarrier_khz"
AZIMUTH_DEG = "azimuth_deg"
MECHANICAL_TILT_DEG = "mechanical_tilt_deg"
ELECTRICAL_TILT_DEG = "electrical_tilt_deg"
POWER_DBM = "power_dbm"
EIRP_PER_RE_DBM = "eirp_per_re_dbm"
ANTENNA = "antenna"
ANTENNA_GAIN_DBI = "antenna_gain_dbi"
FEEDER_LOSS_DB = "feeder_loss_db"
PORTS = "ports"
EXPOSURE_DISTANCE_M = "exposure_distance_m"

# Quality of service
WEIGHTING = "weighting"
SERVICE_SHARE = "service_share"
MEAN_DOWNLINK_MBPS = "mean_downlink_mbps"
MEAN_UPLINK_MBPS = "mean_uplink_mbps"
FAST_SHARE = "fast_share"
COMPLIES = "complies"

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
    (COMMUNE, "", "name of the commune, as a list gives it", "tên xã, phường, thị trấn"),
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
    (CELL, "", "row of the cell, from 0, as in the best-server raster", "số thứ tự cell, từ 0"),
    (CELL_ID, "", "cell identifier", "mã cell"),
    (TECHNOLOGY, "", "technology of the cell, 4G or 5G", "công nghệ của cell"),
    (BAND, "", "band, such as 1800, B3 or n41", "băng tần"),
    (FREQUENCY_MHZ, "MHz", "centre of the downlink carrier", "tần số trung tâm đường xuống"),
    (BANDWIDTH_MHZ, "MHz", "bandwidth of the carrier, one direction", "băng thông"),
    (SUBCARRIER_KHZ, "kHz", "subcarrier spacing", "khoảng cách sóng mang con"),
    (AZIMUTH_DEG, "deg", "azimuth; empty where the antenna is omnidirectional", "góc phương vị"),
    (MECHANICAL_TILT_DEG, "deg", "mechanical downtilt", "góc nghiêng cơ"),
    (ELECTRICAL_TILT_DEG, "deg", "electrical downtilt, in all", "góc nghiêng điện"),
    (POWER_DBM, "dBm", "power of the carrier over all branches", "công suất phát"),
    (EIRP_PER_RE_DBM, "dBm", "EIRP of a reference resource element and port", "EIRP mỗi RE"),
    (ANTENNA, "", "built-in pattern or pattern file", "ăng ten"),
    (ANTENNA_GAIN_DBI, "dBi", "antenna gain", "độ lợi ăng ten"),
    (FEEDER_LOSS_DB, "dB", "loss before the antenna", "suy hao phi đơ"),
    (PORTS, "", "antenna ports that share the power", "số cổng ăng ten"),
    (
        EXPOSURE_DISTANCE_M,
        "m",
        "distance in the main lobe at which exposure falls to 2 W/m2 (QCVN 8:2022)",
        "khoảng cách tuân thủ phơi nhiễm 2 W/m2 (QCVN 8:2022)",
    ),
    (WEIGHTING, "", "what a pixel weighs: people or area", "trọng số: dân số hoặc diện tích"),
    (SERVICE_SHARE, "share", "share of the whole in the service area", "tỷ lệ trong vùng phủ"),
    (MEAN_DOWNLINK_MBPS, "Mbit/s", "mean download speed", "tốc độ tải xuống trung bình"),
    (MEAN_UPLINK_MBPS, "Mbit/s", "mean upload speed", "tốc độ tải lên trung bình"),
    (
        FAST_SHARE,
        "share",
        "samples with a download of 30 Mbit/s",
        "tỷ lệ mẫu tải xuống >= 30 Mbit/s",
    ),
    (COMPLIES, "", "whether all limits of QCVN 126:2021 are kept", "đạt QCVN 126:2021"),
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
CELLS = (
    CELL,
    SITE_ID,
    CELL_ID,
    OPERATOR,
    TECHNOLOGY,
    COMMUNE_CODE,
    DISTRICT_CODE,
    HEIGHT_M,
    AZIMUTH_DEG,
    MECHANICAL_TILT_DEG,
    ELECTRICAL_TILT_DEG,
    FREQUENCY_MHZ,
    BANDWIDTH_MHZ,
    SUBCARRIER_KHZ,
    POWER_DBM,
    ANTENNA,
    ANTENNA_GAIN_DBI,
    FEEDER_LOSS_DB,
    PORTS,
    EIRP_PER_RE_DBM,
    EXPOSURE_DISTANCE_M,
)
QUALITY = (
    OPERATOR,
    COMMUNE_CODE,
    NAME,
    WEIGHTING,
    SERVICE_SHARE,
    MEAN_DOWNLINK_MBPS,
    MEAN_UPLINK_MBPS,
    FAST_SHARE,
    COMPLIES,
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
