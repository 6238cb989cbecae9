"""Every column phusong reads or writes, and the order of columns in every table.

Units and meanings: ``phusong.meanings``.
"""

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
COLOCATED, NEW = "colocated", "new"  # kinds of a place for a station: on a mast, or a new mast
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
MAST_HEIGHT_M = "mast_height_m"
MAST_CLASS = "mast_class"
CLUTTER = "clutter"
AZIMUTHS_DEG = "azimuths_deg"
ON_AIR = "on_air"
PAYER = "payer"
PRESENT_VALUE_MILLION = "present_value_million"
MONEY_MILLION = "money_million"

# Cells
CELL = "cell"
CELL_ID = "cell_id"
TECHNOLOGY = "technology"
BAND = "band"
FREQUENCY_MHZ = "frequency_mhz"
EARFCN = "earfcn"
NR_ARFCN = "nr_arfcn"
UARFCN = "uarfcn"
ARFCN = "arfcn"
BANDWIDTH_MHZ = "bandwidth_mhz"
DUPLEX = "duplex"
SUBCARRIER_KHZ = "subcarrier_khz"
AZIMUTH_DEG = "azimuth_deg"
MECHANICAL_TILT_DEG = "mechanical_tilt_deg"
ELECTRICAL_TILT_DEG = "electrical_tilt_deg"
TOTAL_TILT_DEG = "total_tilt_deg"
DOWNTILT_DEG = "downtilt_deg"  # of a planned station where it is not that of its carrier
POWER_DBM = "power_dbm"
EIRP_DBM = "eirp_dbm"
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

# Passive infrastructure
MASTS = "masts"
SHARED_MASTS = "shared_masts"
SHARING_SHARE = "sharing_share"
NEW_MASTS = "new_masts"
MASTS_AFTER = "masts_after"
SHARED_MASTS_AFTER = "shared_masts_after"
SHARING_SHARE_AFTER = "sharing_share_after"
MASTS_USED = "masts_used"
SHARED_SITES = "shared_sites"
SHARED_SITES_SHARE = "shared_sites_share"
COLOCATED_STATIONS = "colocated_stations"
NEW_STATIONS = "new_stations"

# Paths and receivers
DISTANCE_KM = "distance_km"
CLUTTER_M = "clutter_m"
RADIO_ZONE = "zone"
RECEIVER_ID = "id"

# Backhaul
FROM_ID = "from_id"
TO_ID = "to_id"
LENGTH_M = "length_m"
STATIONS = "stations"
CAPEX_MILLION = "capex_million"
OPEX_MILLION = "opex_million_per_year"
TOPSIS = "topsis"
PROBABILITY_TOP_N = "probability_top_n"
PROBABILITY_NEARBY = "probability_nearby"
THROUGHPUT_GAINED_MBPS = "throughput_gained_mbps"
ROAD_GAINED_KM = "road_gained_km"
POLICY_PRIORITY = "policy_priority"
BACKHAUL_MILLION = "backhaul_million"
BACKHAUL_M = "backhaul_m"
# Measurements
RSRP_DBM = "rsrp_dbm"
PATH_LOSS_DB = "path_loss_db"
PCI = "pci"
TIME = "time"
DEVICE = "device"
RECEIVER_HEIGHT_M = "receiver_height_m"
CELL_LON = "cell_lon"
CELL_LAT = "cell_lat"
HORIZONTAL_BEAMWIDTH_DEG = "horizontal_beamwidth_deg"
VERTICAL_BEAMWIDTH_DEG = "vertical_beamwidth_deg"
SAMPLES = "samples"
DISTANCE_M = "distance_m"
LANDCOVER = "landcover"
LINE_OF_SIGHT = "line_of_sight"
DEPRESSION_DEG = "depression_deg"
MEASURED_LOSS_DB = "measured_loss_db"
PREDICTED_BEFORE_DB = "predicted_before_db"
PREDICTED_LOSS_DB = "predicted_loss_db"
RESIDUAL_DB = "residual_db"

# Demand
POPULATION = "population"
AREA_KM2 = "area_km2"
AREA_HA = "area_ha"
WORKERS = "workers"
VISITORS = "visitors"
CATEGORY = "category"
CONFIDENCE = "confidence"

# Other units, and two runs side by side
FORMED_FROM = "formed_from"
LINK_VERIFIED = "link_verified"
PLANNED_SITE_ID = "planned_site_id"
PLANNED_YEAR = "planned_year"
BUILT_SITE_ID = "built_site_id"
BUILT_YEAR = "built_year"
BUILT_STATIONS = "built_stations"
ON_TIME = "on_time"
EARLY = "early"
LATE = "late"
UNDATED = "undated"
NOT_BUILT = "not_built"
NOT_DUE = "not_due"
ELSEWHERE = "elsewhere"
PLANNED_TOTAL = "planned_total"
BUILT_TOTAL = "built_total"
PEOPLE_SHARE_PLANNED = "people_share_planned"
PEOPLE_SHARE_BUILT = "people_share_built"
PEOPLE_PLANNED = "people_planned"
PEOPLE_BUILT = "people_built"
AREA_SHARE_PLANNED = "area_share_planned"
AREA_SHARE_BUILT = "area_share_built"
COVERED_SHARE_PLANNED = "covered_share_planned"
COVERED_SHARE_BUILT = "covered_share_built"
AWAY_M = "away_m"
PLANNED_STATIONS = "planned_stations"
RUNS = "runs"

# Results
SITES = "sites"
RANK = "rank"
YEAR = "year"
TIER = "tier"
GAIN_PER_BILLION = "gain_per_billion"
TARGET_SHARE = "target_share"
MISSED = "missed"
WAY = "way"
GAIN = "gain"
SCORE = "score"
WEIGHT = "weight"
RANK_LOW = "rank_low"
RANK_HIGH = "rank_high"
PEOPLE_UNSERVED = "people_unserved"
WORKERS_UNSERVED = "workers_unserved"
VISITORS_UNSERVED = "visitors_unserved"
DEMAND_UNSERVED = "demand_unserved"
AREA_UNSERVED_KM2 = "area_unserved_km2"
COST_MILLION_PER_1000 = "cost_million_per_1000"
BUILDING_STATE = "building_state"
EXPLANATION = "explanation"
PEOPLE_GAINED = "people_gained"
WORKERS_GAINED = "workers_gained"
VISITORS_GAINED = "visitors_gained"
AREA_GAINED_KM2 = "area_gained_km2"
ZONE_DEMAND_GAINED = "zone_demand_gained"
COST_MILLION = "cost_million"
STABILITY = "stability"
REASON = "reason"
PEOPLE = "people"
CAUSE = "cause"
MAIN_CAUSE = "main_cause"
WHY = "why"
COVERED_POPULATION_SHARE_BEFORE = "covered_population_share_before"
COVERED_POPULATION_SHARE_AFTER = "covered_population_share_after"
COVERED_POPULATION_SHARE_BEFORE_LOW = "covered_population_share_before_low"
COVERED_POPULATION_SHARE_BEFORE_HIGH = "covered_population_share_before_high"
COVERED_POPULATION_SHARE_AFTER_LOW = "covered_population_share_after_low"
COVERED_POPULATION_SHARE_AFTER_HIGH = "covered_population_share_after_high"
COVERED_AREA_SHARE_BEFORE = "covered_area_share_before"
COVERED_AREA_SHARE_AFTER = "covered_area_share_after"
COVERED_POPULATION_SHARE_4G = "covered_population_share_4g"
SHARE_OF = "share_of"
COVERED_SHARE_BEFORE = "covered_share_before"
COVERED_SHARE_AFTER = "covered_share_after"
COVERED_SHARE_BEFORE_LOW = "covered_share_before_low"
COVERED_SHARE_BEFORE_HIGH = "covered_share_before_high"
COVERED_SHARE_AFTER_LOW = "covered_share_after_low"
COVERED_SHARE_AFTER_HIGH = "covered_share_after_high"

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
    DUPLEX,
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
# What a provincial plan of passive infrastructure counts; a blank key is the total over it.
QUALITY_BY_UNIT = (OPERATOR, DISTRICT_CODE, *QUALITY[1:])
MASTS_BY_DISTRICT = (
    DISTRICT_CODE,
    NAME,
    MAST_CLASS,
    MASTS,
    SHARED_MASTS,
    SHARING_SHARE,
    NEW_MASTS,
    MASTS_AFTER,
    SHARED_MASTS_AFTER,
    SHARING_SHARE_AFTER,
)
SHARING_BY_OPERATOR = (
    DISTRICT_CODE,
    NAME,
    OPERATOR,
    SITES,
    SHARED_SITES,
    SHARED_SITES_SHARE,
    MASTS,
    SHARED_MASTS,
    SHARING_SHARE,
    MASTS_AFTER,
    SHARED_MASTS_AFTER,
    SHARING_SHARE_AFTER,
)
SITES_BY_TECHNOLOGY = (DISTRICT_CODE, NAME, OPERATOR, TECHNOLOGY, SITES)
STATIONS_BY_COMMUNE = (
    YEAR,
    DISTRICT_CODE,
    COMMUNE_CODE,
    NAME,
    COLOCATED_STATIONS,
    MASTS_USED,
    NEW_STATIONS,
    NEW_MASTS,
    COST_MILLION,
)
RESIDUALS = (
    CELL_ID,
    DISTANCE_M,
    LANDCOVER,
    LINE_OF_SIGHT,
    SAMPLES,
    MEASURED_LOSS_DB,
    PREDICTED_BEFORE_DB,
    PREDICTED_LOSS_DB,
    RESIDUAL_DB,
)
VALIDATED = (
    CELL_ID,
    DISTANCE_M,
    DEPRESSION_DEG,
    LANDCOVER,
    LINE_OF_SIGHT,
    SAMPLES,
    MEASURED_LOSS_DB,
    PREDICTED_LOSS_DB,
    RESIDUAL_DB,
)
SHARES = (
    COVERED_POPULATION_SHARE_BEFORE,
    COVERED_POPULATION_SHARE_AFTER,
    COVERED_AREA_SHARE_BEFORE,
    COVERED_AREA_SHARE_AFTER,
    COVERED_POPULATION_SHARE_4G,
)
# From the 5 % to the 95 % quantile of the error of the prediction.
INTERVALS = (
    COVERED_POPULATION_SHARE_BEFORE_LOW,
    COVERED_POPULATION_SHARE_BEFORE_HIGH,
    COVERED_POPULATION_SHARE_AFTER_LOW,
    COVERED_POPULATION_SHARE_AFTER_HIGH,
)
ZONE_INTERVALS = (
    COVERED_SHARE_BEFORE_LOW,
    COVERED_SHARE_BEFORE_HIGH,
    COVERED_SHARE_AFTER_LOW,
    COVERED_SHARE_AFTER_HIGH,
)
RESULT_COMMUNES = (*COMMUNES, SITES, *SHARES, *INTERVALS, MAIN_CAUSE, WHY)
RESULT_DISTRICTS = (*DISTRICTS, SITES, *SHARES, *INTERVALS)
RESULT_ZONES = (
    *(*ZONES, TIER, SHARE_OF),
    *(COVERED_SHARE_BEFORE, COVERED_SHARE_AFTER, *ZONE_INTERVALS),
)
# Zones by rank; the criteria that they are compared by come last.
ZONES_RANKING = (
    *(ZONE_ID, NAME, KIND, CATEGORY, STATUS, TIER, RANK, WEIGHT, SCORE, TOPSIS, RANK_LOW),
    *(RANK_HIGH, PROBABILITY_TOP_N, PEOPLE_UNSERVED, WORKERS_UNSERVED, VISITORS_UNSERVED),
    *(DEMAND_UNSERVED, AREA_UNSERVED_KM2, COST_MILLION_PER_1000, POLICY_PRIORITY, BACKHAUL_M),
    *(BUILDING_STATE, EXPLANATION),
)
RANKING = (
    *(RANK, SITE_ID, KIND, OPERATOR, POSITION_ID, ZONE_ID, COMMUNE_CODE, DISTRICT_CODE, YEAR, TIER),
    *(GAIN_PER_BILLION, PEOPLE_GAINED, WORKERS_GAINED, VISITORS_GAINED, ZONE_DEMAND_GAINED),
    *(AREA_GAINED_KM2, ROAD_GAINED_KM, THROUGHPUT_GAINED_MBPS, POLICY_PRIORITY, COST_MILLION),
    *(CAPEX_MILLION, BACKHAUL_MILLION, BACKHAUL_M, OPEX_MILLION, HEIGHT_M, MAST_CLASS),
    *(AZIMUTHS_DEG, STABILITY, PROBABILITY_TOP_N, PROBABILITY_NEARBY, REASON),
)
# Every candidate, chosen or not: where it stands, what it would bring by itself, its fate.
CANDIDATE_PLACES = (
    *(SITE_ID, KIND, OPERATOR, POSITION_ID, ZONE_ID, COMMUNE_CODE, DISTRICT_CODE, HEIGHT_M),
    *(MAST_CLASS,),
)
CANDIDATE_MEASURES = (
    PEOPLE_GAINED,
    WORKERS_GAINED,
    VISITORS_GAINED,
    AREA_GAINED_KM2,
    THROUGHPUT_GAINED_MBPS,
    ROAD_GAINED_KM,
    CAPEX_MILLION,
    BACKHAUL_MILLION,
    POLICY_PRIORITY,
)
CANDIDATE_FATE = (RANK, STABILITY, PROBABILITY_TOP_N, PROBABILITY_NEARBY)
CANDIDATES = (*CANDIDATE_PLACES, *CANDIDATE_MEASURES, *CANDIDATE_FATE)
WAITING = (
    TIER,
    ZONE_ID,
    NAME,
    TARGET_SHARE,
    COVERED_SHARE_AFTER,
    MISSED,
    REASON,
    WAY,
    SITE_ID,
    GAIN,
    COST_MILLION,
)
COSTS_BY_PAYER = (
    PAYER,
    STATIONS,
    CAPEX_MILLION,
    BACKHAUL_MILLION,
    COST_MILLION,
    OPEX_MILLION,
    PRESENT_VALUE_MILLION,
)
ROADS = (LENGTH_M,)
BACKHAUL = (KIND, FROM_ID, TO_ID, LENGTH_M, COST_MILLION, STATIONS)
HOLES = (COMMUNE_CODE, DISTRICT_CODE, PEOPLE, AREA_KM2, CAUSE)


def compared(*names: str) -> tuple[str, ...]:
    """Return, for each column, its name in run A, in run B, and of B less A."""
    return tuple(f"{name}_{part}" for name in names for part in ("a", "b", "delta"))


# Two runs side by side: what a table shares, and the figures of A, of B, and of B less A.
COMPARED_STATIONS = (RANK, YEAR, PEOPLE_GAINED, COST_MILLION)
COMPARED_COMMUNES = (POPULATION, PLANNED_STATIONS, *SHARES)
COMPARED_ZONES = (COVERED_SHARE_BEFORE, COVERED_SHARE_AFTER)
RESTATED = (*COMMUNES, SITES, *SHARES, PLANNED_STATIONS, FORMED_FROM, LINK_VERIFIED)
COMPARISON_STATIONS = (
    RUNS,
    f"{SITE_ID}_a",
    f"{SITE_ID}_b",
    KIND,
    POSITION_ID,
    COMMUNE_CODE,
    *compared(*COMPARED_STATIONS),
)
COMPARISON_COMMUNES = (*COMMUNES[:-1], *compared(*COMPARED_COMMUNES))
COMPARISON_ZONES = (ZONE_ID, KIND, NAME, STATUS, COMMUNE_CODE, RUNS, *compared(*COMPARED_ZONES))
# A plan against what was built: every station, and counts of them by status.
AS_BUILT_STATIONS = (
    *(STATUS, PLANNED_SITE_ID, BUILT_SITE_ID, OPERATOR, KIND, ZONE_ID, COMMUNE_CODE),
    *(RANK, PLANNED_YEAR, BUILT_YEAR, ON_AIR, AWAY_M),
)
AS_BUILT_COUNTS = (
    *(PLANNED_STATIONS, ON_TIME, EARLY, LATE, UNDATED, NOT_BUILT, NOT_DUE, ELSEWHERE),
)
AS_BUILT_YEARS = (
    *(YEAR, *AS_BUILT_COUNTS, BUILT_STATIONS, PLANNED_TOTAL, BUILT_TOTAL),
    *(PEOPLE_SHARE_PLANNED, PEOPLE_SHARE_BUILT, PEOPLE_PLANNED, PEOPLE_BUILT),
)
AS_BUILT_COMMUNES = (
    *(*COMMUNES, *AS_BUILT_COUNTS, PEOPLE_SHARE_PLANNED, PEOPLE_SHARE_BUILT),
    *(AREA_SHARE_PLANNED, AREA_SHARE_BUILT),
)
AS_BUILT_ZONES = (
    *(ZONE_ID, KIND, NAME, STATUS, TIER, SHARE_OF, *AS_BUILT_COUNTS),
    *(COVERED_SHARE_PLANNED, COVERED_SHARE_BUILT),
)
