"""Unit and meaning of every column, in English and Vietnamese."""

from typing import NamedTuple

from phusong import columns as col


class Column(NamedTuple):
    """A column of a table: unit ('' where it has none) and meaning in both languages."""

    name: str
    unit: str
    english: str
    vietnamese: str


def _table(*rows: tuple[str, str, str, str]) -> dict[str, Column]:
    return {row[0]: Column(*row) for row in rows}


COLUMNS = _table(
    (col.SITE_ID, "", "site identifier", "mã trạm"),
    (col.POSITION_ID, "", "position (mast) shared by the sites on it", "mã vị trí (cột ăng ten)"),
    (col.ZONE_ID, "", "zone identifier", "mã khu vực"),
    (col.COMMUNE_CODE, "", "official code of the commune", "mã xã, phường, thị trấn"),
    (col.DISTRICT_CODE, "", "official code of the district", "mã huyện, thành phố"),
    (col.COMMUNE, "", "name of the commune, as a list gives it", "tên xã, phường, thị trấn"),
    (col.NAME, "", "name", "tên"),
    (col.NAME_ASCII, "", "name without diacritics", "tên không dấu"),
    (col.COMMUNE_TYPE, "", "phuong (ward), thi tran (township) or xa (commune)", "loại đơn vị"),
    (col.DISTRICT, "", "name of the district", "tên huyện, thành phố"),
    (col.KIND, "", "kind", "loại"),
    (col.STATUS, "", "status", "trạng thái"),
    (col.SOURCE, "", "source", "nguồn"),
    (col.LON, "deg", "longitude, WGS 84", "kinh độ"),
    (col.LAT, "deg", "latitude, WGS 84", "vĩ độ"),
    (col.X_M, "m", "easting in the planning grid", "tọa độ Đông"),
    (col.Y_M, "m", "northing in the planning grid", "tọa độ Bắc"),
    (col.OPERATOR, "", "operator", "nhà mạng"),
    (col.TECHNOLOGIES, "", "technologies on air, such as 3G/4G", "công nghệ"),
    (col.HEIGHT_M, "m", "antenna height above ground", "độ cao ăng ten so với mặt đất"),
    (
        col.MAST_HEIGHT_M,
        "m",
        "height of the mast's highest antenna",
        "độ cao ăng ten cao nhất trên cột",
    ),
    (col.MAST_CLASS, "", "mast class A1, A2a or A2b", "loại cột ăng ten"),
    (col.CLUTTER, "", "setting of the site", "khu vực đặt trạm"),
    (col.AZIMUTHS_DEG, "deg", "azimuths of the sectors, such as 0/120/240", "góc phương vị"),
    (col.CELL, "", "row of the cell, from 0, as in the best-server raster", "số thứ tự cell, từ 0"),
    (col.CELL_ID, "", "cell identifier", "mã cell"),
    (col.TECHNOLOGY, "", "technology of the cell, 4G or 5G", "công nghệ của cell"),
    (col.BAND, "", "band, such as 1800, B3 or n41", "băng tần"),
    (col.FREQUENCY_MHZ, "MHz", "centre of the downlink carrier", "tần số trung tâm đường xuống"),
    (col.BANDWIDTH_MHZ, "MHz", "bandwidth of the carrier, one direction", "băng thông"),
    (col.SUBCARRIER_KHZ, "kHz", "subcarrier spacing", "khoảng cách sóng mang con"),
    (
        col.AZIMUTH_DEG,
        "deg",
        "azimuth; empty where the antenna is omnidirectional",
        "góc phương vị",
    ),
    (col.MECHANICAL_TILT_DEG, "deg", "mechanical downtilt", "góc nghiêng cơ"),
    (col.ELECTRICAL_TILT_DEG, "deg", "electrical downtilt, in all", "góc nghiêng điện"),
    (col.TOTAL_TILT_DEG, "deg", "mechanical and electrical downtilt together", "tổng góc nghiêng"),
    (col.EARFCN, "", "channel number of a 4G downlink, TS 36.101", "số kênh EARFCN (4G)"),
    (col.NR_ARFCN, "", "channel number of 5G, TS 38.104", "số kênh NR-ARFCN (5G)"),
    (col.UARFCN, "", "channel number of a 3G downlink", "số kênh UARFCN (3G)"),
    (col.ARFCN, "", "channel number of the cell's technology", "số kênh"),
    (col.EIRP_DBM, "dBm", "EIRP of the carrier", "EIRP của sóng mang"),
    (col.POWER_DBM, "dBm", "power of the carrier over all branches", "công suất phát"),
    (col.EIRP_PER_RE_DBM, "dBm", "EIRP of a reference resource element and port", "EIRP mỗi RE"),
    (col.ANTENNA, "", "built-in pattern or pattern file", "ăng ten"),
    (col.ANTENNA_GAIN_DBI, "dBi", "antenna gain", "độ lợi ăng ten"),
    (col.FEEDER_LOSS_DB, "dB", "loss before the antenna", "suy hao phi đơ"),
    (col.PORTS, "", "antenna ports that share the power", "số cổng ăng ten"),
    (
        col.EXPOSURE_DISTANCE_M,
        "m",
        "distance in the main lobe at which exposure falls to 2 W/m2 (QCVN 8:2022)",
        "khoảng cách tuân thủ phơi nhiễm 2 W/m2 (QCVN 8:2022)",
    ),
    (col.WEIGHTING, "", "what a pixel weighs: people or area", "trọng số: dân số hoặc diện tích"),
    (col.SERVICE_SHARE, "share", "share of the whole in the service area", "tỷ lệ trong vùng phủ"),
    (col.MEAN_DOWNLINK_MBPS, "Mbit/s", "mean download speed", "tốc độ tải xuống trung bình"),
    (col.MEAN_UPLINK_MBPS, "Mbit/s", "mean upload speed", "tốc độ tải lên trung bình"),
    (
        col.FAST_SHARE,
        "share",
        "samples with a download of 30 Mbit/s",
        "tỷ lệ mẫu tải xuống >= 30 Mbit/s",
    ),
    (col.COMPLIES, "", "whether all limits of QCVN 126:2021 are kept", "đạt QCVN 126:2021"),
    (col.MASTS, "", "masts (positions) today", "số cột (vị trí) hiện có"),
    (col.SHARED_MASTS, "", "of them with two or more operators", "số cột có từ hai nhà mạng"),
    (col.SHARING_SHARE, "share", "share of the masts that is shared", "tỷ lệ cột dùng chung"),
    (col.NEW_MASTS, "", "masts that the plan builds", "số cột xây mới"),
    (col.MASTS_AFTER, "", "masts after the plan", "số cột sau kế hoạch"),
    (
        col.SHARED_MASTS_AFTER,
        "",
        "of them with two or more operators",
        "số cột có từ hai nhà mạng sau kế hoạch",
    ),
    (
        col.SHARING_SHARE_AFTER,
        "share",
        "share of the masts that is shared after the plan",
        "tỷ lệ cột dùng chung sau kế hoạch",
    ),
    (col.MASTS_USED, "", "existing masts that take a station", "số cột hiện có được lắp thêm trạm"),
    (col.SHARED_SITES, "", "sites on shared masts", "số trạm trên cột dùng chung"),
    (
        col.SHARED_SITES_SHARE,
        "share",
        "share of the sites that stand on shared masts",
        "tỷ lệ trạm trên cột dùng chung",
    ),
    (col.COLOCATED_STATIONS, "", "stations on existing masts", "số trạm trên cột hiện có"),
    (col.NEW_STATIONS, "", "stations on new masts", "số trạm trên cột xây mới"),
    (col.DISTANCE_KM, "km", "distance from the transmitter along a path", "khoảng cách"),
    (col.CLUTTER_M, "m", "height of clutter above ground on a path", "độ cao lớp phủ mặt đất"),
    (col.RADIO_ZONE, "", "radio-climatic zone: 1 sea, 3 coast, 4 inland", "vùng khí hậu vô tuyến"),
    (col.RECEIVER_ID, "", "receiver identifier", "mã điểm thu"),
    (col.FROM_ID, "", "end of the link away from fibre", "đầu xa cáp quang"),
    (col.TO_ID, "", "end of the link towards fibre", "đầu phía cáp quang"),
    (col.LENGTH_M, "m", "length along the link", "chiều dài"),
    (col.STATIONS, "", "number of stations that share the link", "số trạm dùng chung"),
    (
        col.BACKHAUL_MILLION_VND,
        "million VND",
        "cost of joining the station alone to fibre",
        "chi phí truyền dẫn khi nối riêng trạm với cáp quang",
    ),
    (
        col.BACKHAUL_M,
        "m",
        "distance to fibre along the cheapest way",
        "khoảng cách đến cáp quang theo tuyến rẻ nhất",
    ),
    (col.RSRP_DBM, "dBm", "measured RSRP, SS-RSRP or level of one carrier", "mức thu RSRP đo được"),
    (col.PATH_LOSS_DB, "dB", "measured loss, EIRP less level", "suy hao đo được"),
    (col.PCI, "", "physical cell identity", "mã PCI của cell"),
    (col.TIME, "", "time of the measurement, ISO 8601 or seconds", "thời điểm đo"),
    (col.DEVICE, "", "device or log that measured", "thiết bị đo"),
    (col.CELL_LON, "deg", "longitude of the serving cell, WGS 84", "kinh độ của cell phục vụ"),
    (col.CELL_LAT, "deg", "latitude of the serving cell, WGS 84", "vĩ độ của cell phục vụ"),
    (col.HORIZONTAL_BEAMWIDTH_DEG, "deg", "half-power width across", "độ rộng búp sóng ngang"),
    (col.VERTICAL_BEAMWIDTH_DEG, "deg", "half-power width upright", "độ rộng búp sóng đứng"),
    (col.SAMPLES, "", "samples averaged in the pixel", "số mẫu đo trong ô lưới"),
    (col.DISTANCE_M, "m", "distance from the cell", "khoảng cách đến cell"),
    (col.LANDCOVER, "", "land-cover class at the receiver", "lớp phủ mặt đất tại điểm thu"),
    (col.LINE_OF_SIGHT, "", "whether terrain and clutter leave the ray free", "tầm nhìn thẳng"),
    (col.MEASURED_LOSS_DB, "dB", "measured EIRP less level", "suy hao đo được"),
    (
        col.PREDICTED_BEFORE_DB,
        "dB",
        "loss and antenna pattern predicted by the untuned model",
        "suy hao dự báo trước hiệu chỉnh",
    ),
    (
        col.PREDICTED_LOSS_DB,
        "dB",
        "loss and antenna pattern predicted by the calibrated model, block held out",
        "suy hao dự báo sau hiệu chỉnh, ngoài mẫu",
    ),
    (
        col.RESIDUAL_DB,
        "dB",
        "measured less predicted level, block held out",
        "sai số: đo trừ dự báo",
    ),
    (col.POPULATION, "people", "residents; run.json says on which basis", "dân số"),
    (col.AREA_KM2, "km2", "area", "diện tích"),
    (col.AREA_HA, "ha", "area as published", "diện tích theo công bố"),
    (col.WORKERS, "people", "workers in the zone", "lao động"),
    (col.VISITORS, "people", "visitors present on a peak day", "khách du lịch ngày cao điểm"),
    (col.CATEGORY, "", "category of the zone in its source", "phân loại"),
    (col.CONFIDENCE, "", "confidence of the zone's place", "độ tin cậy vị trí"),
    (col.FORMED_FROM, "", "codes of the units it was formed from", "mã các đơn vị hợp thành"),
    (col.LINK_VERIFIED, "", "whether all links are verified", "mọi liên kết đã được kiểm chứng"),
    (col.PLANNED_STATIONS, "", "number of proposed stations", "số trạm đề xuất"),
    (
        col.RUNS,
        "",
        "the runs that hold it: a, b or both",
        "có trong phương án a, b hay cả hai (both)",
    ),
    (col.SITES, "", "number of existing sites", "số trạm hiện có"),
    (col.RANK, "", "place in the order of build", "xếp hạng"),
    (col.YEAR, "", "year of build", "năm xây dựng"),
    (
        col.SCORE,
        "",
        "weighted sum of the criteria of the candidate alone, 0 to 100",
        "điểm tổng hợp theo các tiêu chí, 0 đến 100",
    ),
    (col.SCORE_RANK, "", "place among all candidates by score", "thứ hạng theo điểm"),
    (
        col.TOPSIS,
        "",
        "closeness to the ideal candidate by TOPSIS, 0 to 100",
        "độ gần phương án lý tưởng (TOPSIS), 0 đến 100",
    ),
    (
        col.PROBABILITY_TOP_N,
        "share",
        "share of redrawn plans that build the station",
        "xác suất được chọn khi tính lại kế hoạch",
    ),
    (
        col.PROBABILITY_NEARBY,
        "share",
        "share of redrawn plans that build the station or one within 500 m",
        "xác suất chọn trạm này hoặc trạm cách không quá 500 m khi tính lại kế hoạch",
    ),
    (
        col.THROUGHPUT_GAINED_MBPS,
        "Mbit/s",
        "download speed gained, mean over the people in reach of the station alone",
        "tốc độ tải xuống tăng thêm trung bình",
    ),
    (
        col.ROAD_GAINED_KM,
        "km",
        "length of road newly covered",
        "chiều dài đường được phủ sóng thêm",
    ),
    (col.POLICY_PRIORITY, "", "priority by public policy, 0 to 1", "mức ưu tiên theo chính sách"),
    (
        col.CAPEX_MILLION_VND,
        "million VND",
        "building the station without backhaul",
        "chi phí đầu tư",
    ),
    (
        col.OPEX_MILLION_VND,
        "million VND a year",
        "running the station: maintenance, power, rent",
        "chi phí vận hành mỗi năm",
    ),
    (col.EXPLANATION, "", "what the score is made of", "giải thích điểm"),
    (col.PEOPLE_GAINED, "people", "residents newly covered", "dân số được phủ sóng thêm"),
    (col.WORKERS_GAINED, "people", "workers newly covered", "lao động được phủ sóng thêm"),
    (col.VISITORS_GAINED, "people", "visitors newly covered", "khách du lịch được phủ sóng thêm"),
    (col.AREA_GAINED_KM2, "km2", "area newly covered", "diện tích được phủ sóng thêm"),
    (
        col.ZONE_DEMAND_GAINED,
        "people",
        "demand gained inside zones",
        "nhu cầu trong khu vực ưu tiên",
    ),
    (col.COST_MILLION_VND, "million VND", "cost of the station or the link", "chi phí"),
    (col.RANK_LOW, "", "best rank in the stated interval", "hạng cao nhất"),
    (col.RANK_HIGH, "", "worst rank in the stated interval", "hạng thấp nhất"),
    (col.REASON, "", "why the candidate stands where it does", "lý do"),
    (col.PEOPLE, "people", "residents in the area", "dân số trong vùng"),
    (col.CAUSE, "", "likely cause", "nguyên nhân"),
    (
        col.MAIN_CAUSE,
        "",
        "served, or why most of those missed are: budget, terrain, distance, no_place, chance",
        "nguyên nhân chính",
    ),
    (col.WHY, "", "why residents are or are not covered after the plan", "vì sao"),
    (
        col.COVERED_POPULATION_SHARE_BEFORE,
        "share",
        "residents covered by 5G before the plan",
        "tỷ lệ dân số được phủ sóng 5G trước kế hoạch",
    ),
    (
        col.COVERED_POPULATION_SHARE_AFTER,
        "share",
        "residents covered by 5G after the plan",
        "tỷ lệ dân số được phủ sóng 5G sau kế hoạch",
    ),
    (
        col.COVERED_AREA_SHARE_BEFORE,
        "share",
        "area covered by 5G before the plan",
        "tỷ lệ diện tích được phủ sóng 5G trước kế hoạch",
    ),
    (
        col.COVERED_AREA_SHARE_AFTER,
        "share",
        "area covered by 5G after the plan",
        "tỷ lệ diện tích được phủ sóng 5G sau kế hoạch",
    ),
    (
        col.COVERED_POPULATION_SHARE_4G,
        "share",
        "residents covered by 4G outdoors today",
        "tỷ lệ dân số được phủ sóng 4G ngoài trời hiện nay",
    ),
    (
        col.COVERED_SHARE_BEFORE,
        "share",
        "demand of the zone covered before the plan",
        "tỷ lệ nhu cầu được phủ sóng trước kế hoạch",
    ),
    (
        col.COVERED_SHARE_AFTER,
        "share",
        "demand of the zone covered after the plan",
        "tỷ lệ nhu cầu được phủ sóng sau kế hoạch",
    ),
)


def _ends(name: str) -> tuple[Column, ...]:
    """Return the low and the high end of the band on a share."""
    plain = COLUMNS[name]
    parts = (("low", "5 % quantile", "cận dưới 5 %"), ("high", "95 % quantile", "cận trên 95 %"))
    return tuple(
        Column(f"{name}_{end}", plain.unit, f"{plain.english}, {en}", f"{plain.vietnamese}, {vi}")
        for end, en, vi in parts
    )


for _name in (
    col.COVERED_POPULATION_SHARE_BEFORE,
    col.COVERED_POPULATION_SHARE_AFTER,
    col.COVERED_SHARE_BEFORE,
    col.COVERED_SHARE_AFTER,
):
    COLUMNS |= {column.name: column for column in _ends(_name)}


def _in_runs(name: str) -> tuple[Column, ...]:
    plain = COLUMNS[name]
    parts = (
        ("run A", "phương án A"),
        ("run B", "phương án B"),
        ("B less A", "phương án B trừ A"),
    )
    meanings = [(f"{plain.english}, {e}", f"{plain.vietnamese}, {v}") for e, v in parts]
    return tuple(
        Column(column, plain.unit, *meaning)
        for column, meaning in zip(col.compared(name), meanings, strict=True)
    )


for _name in (*col.COMPARED_STATIONS, *col.COMPARED_COMMUNES, *col.COMPARED_ZONES):
    COLUMNS |= {column.name: column for column in _in_runs(_name)}
