"""What a plan assumes, in words, for every output to repeat."""

from phusong import columns as col
from phusong.coverage.models import REGISTRY
from phusong.geodata.writers.phrases import vietnamese
from phusong.scenarios.candidates import colocation
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.plan import intervals
from phusong.scenarios.plan.reason import number
from phusong.scenarios.plan.run import Plan

LAYER_NAMES = {
    "communes": {"en": "commune boundaries", "vi": "ranh giới xã"},
    "districts": {"en": "district boundaries", "vi": "ranh giới huyện"},
    "zones": {"en": "zones", "vi": "các khu vực"},
    "sites": {"en": "BTS list", "vi": "danh sách trạm BTS"},
    "terrain": {"en": "terrain", "vi": "địa hình"},
    "landcover": {"en": "land cover", "vi": "lớp phủ mặt đất"},
    "population": {"en": "population grid", "vi": "lưới dân số"},
}


def assumptions(plan: Plan) -> list[dict[str, str]]:
    """Return one sentence per assumption, in English and Vietnamese."""
    return [*_made(plan), _service(plan), *_method(plan)]


def _made(plan: Plan) -> list[dict[str, str]]:
    """Name the layers that are approximate or synthetic."""
    result = []
    for status, en, vi in (
        (
            "synthetic",
            "Synthetic (made by a documented recipe)",
            "Dữ liệu mô phỏng (theo quy trình có mô tả)",
        ),
        ("approximate", "Approximate", "Gần đúng"),
    ):
        origin = plan.province.provenance
        names = [
            LAYER_NAMES[n] for n, o in origin.items() if o.status == status and n in LAYER_NAMES
        ]
        if names:
            result.append(
                {
                    "en": f"{en}: {', '.join(n['en'] for n in names)}.",
                    "vi": f"{vi}: {', '.join(n['vi'] for n in names)}.",
                }
            )
    return result


def _service(plan: Plan) -> dict[str, str]:
    service, layer = plan.scenario.service, plan.scenario.layer_5g
    indoor = service.location == "indoor"
    place_en = f"indoors (entry loss {service.entry_loss_db:g} dB)" if indoor else "outdoors"
    place_vi = (
        f"trong nhà (suy hao xuyên tường {_vi(service.entry_loss_db)} dB)"
        if indoor
        else "ngoài trời"
    )
    return {
        "en": f"Covered by 5G means: SS-RSRP of {layer.name} >= {service.threshold_dbm:g} dBm "
        f"{place_en} with probability {service.probability:.0%}; the mean level outdoors is then "
        f">= {plan.required_dbm:.1f} dBm.",
        "vi": f"Được phủ sóng 5G nghĩa là: SS-RSRP của {layer.name} >= "
        f"{_vi(service.threshold_dbm)} dBm {place_vi} với xác suất {service.probability:.0%}; "
        f"khi đó mức trung bình ngoài trời >= {_vi(round(plan.required_dbm, 1))} dBm.",
    }


MODELS = {
    "tr38901": {
        "en": "3GPP TR 38.901 (UMa in built-up land, RMa elsewhere, mean of line of sight and not) "
        "plus ITU-R P.526 Bullington diffraction over bare terrain, 4/3 earth",
        "vi": "3GPP TR 38.901 (UMa ở đất xây dựng, RMa ở nơi khác, trung bình giữa tầm nhìn thẳng "
        "và không thẳng) cộng nhiễu xạ Bullington theo ITU-R P.526 trên địa hình trần, bán kính "
        "trái đất 4/3",
    },
    "p1812": {
        "en": "ITU-R P.1812-7 over terrain and clutter heights by land cover, median of time and "
        "places",
        "vi": "ITU-R P.1812-7 trên địa hình và độ cao vật che theo lớp phủ mặt đất, trung vị theo "
        "thời gian và địa điểm",
    },
}


def _model(name: str) -> dict[str, str]:
    if name in MODELS:
        return MODELS[name]
    known = REGISTRY[name]
    return {"en": f"{known.title} ({known.source})", "vi": f"{known.title_vi} ({known.source})"}


def _loss(plan: Plan) -> dict[str, str]:
    scenario = plan.scenario
    model = _model(scenario.propagation.model)
    far_5g, far_4g = scenario.layer_5g.radius_m / 1000, scenario.layer_4g.radius_m / 1000
    return {
        "en": f"Path loss: {model['en']}; no prediction beyond {far_5g:g} km (5G) and "
        f"{far_4g:g} km (4G).",
        "vi": f"Suy hao đường truyền: {model['vi']}; không dự báo quá {_vi(far_5g)} km (5G) và "
        f"{_vi(far_4g)} km (4G).",
    }


def shadowing_from(scenario: Scenario) -> str:
    """Return who states the shadowing of a run: its calibration, or the scenario."""
    found, sigma_db = scenario.propagation.calibration, scenario.service.shadowing_sigma_db
    return "calibration" if found and sigma_db == found.place_sd_db else "scenario"


def _calibration(plan: Plan) -> list[dict[str, str]]:
    """Name the measurements that the model is tuned to, and how wrong it was on unseen ground."""
    found, scenario = plan.scenario.propagation.calibration, plan.scenario
    if found is None:
        return []
    near, far = (f"{m / 1000:.2g}" for m in found.distance_m)
    by_calibration = shadowing_from(scenario) == "calibration"
    whose = ("the calibration", "hiệu chỉnh") if by_calibration else ("the scenario", "kịch bản")
    tuned, sigma_db = found.source.get("measurements", ""), scenario.service.shadowing_sigma_db
    return [
        {
            "en": f"The model is calibrated ({found.file}) with {tuned}: {found.frequency_mhz:g} "
            f"MHz, {near} to {far} km from the cells; on ground that the fit has not seen the RMS "
            f"error is {found.rmse_db:.1f} dB. Shadowing is {sigma_db:.1f} dB, from {whose[0]}.",
            "vi": f"Mô hình được hiệu chỉnh ({found.file}) theo {tuned}: {_vi(found.frequency_mhz)}"
            f" MHz, cách cell {near.replace('.', ',')} đến {far.replace('.', ',')} km; sai số "
            f"RMS ở nơi chưa dùng để hiệu chỉnh là {_vi(round(found.rmse_db, 1))} dB. Độ lệch "
            f"chuẩn che khuất {_vi(round(sigma_db, 1))} dB, theo {whose[1]}.",
        }
    ]


def _bands(plan: Plan) -> dict[str, str]:
    """State the errors that the bands on people covered reckon with."""
    told = intervals.record(plan.scenario)
    common, alike, rest = (told[f"{part}_db"] for part in ("common", "area", "place"))
    km, near_m = told["alike_over_m"] / 1000, told["rest_alike_over_m"]
    return {
        "en": "Ranges of people covered hold 90 %: the level is off by an error common to all "
        f"places ({common:.2g} dB, one draw for the whole province) and by local ones "
        f"({alike:.2g} dB alike over {km:g} km and {rest:.2g} dB over {near_m:g} m), normal and "
        "independent of each other "
        f"[{told['source']}].",
        "vi": "Khoảng dân số được phủ sóng có xác suất 90 %: mức thu sai lệch do sai số chung cho "
        f"mọi nơi ({_vi(float(f'{common:.2g}'))} dB, một giá trị cho cả tỉnh) và sai số cục bộ "
        f"({_vi(float(f'{alike:.2g}'))} dB giống nhau trong {_vi(km)} km và "
        f"{_vi(float(f'{rest:.2g}'))} dB trong {near_m:g} m), phân bố chuẩn và độc lập với nhau "
        f"[{told['source']}].",
    }


def _method(plan: Plan) -> list[dict[str, str]]:
    people, basis = plan.headline["population"], plan.province.basis
    return [
        _loss(plan),
        *_calibration(plan),
        {
            "en": f"People are residents ({number(people, 'en')}; basis: {basis}), "
            "spread inside each commune by land cover; a place counts by its probability of "
            "service, so that people covered are the expected number.",
            "vi": f"Dân số là dân cư ({number(people, 'vi')}; nguồn: {vietnamese(basis)}), phân bổ "
            "trong từng xã theo lớp phủ mặt đất; mỗi nơi được tính theo xác suất có dịch vụ, "
            "nên số dân được phủ sóng là số kỳ vọng.",
        },
        _masts(plan),
        _bands(plan),
        _spread(plan),
        _money(plan),
    ]


def _masts(plan: Plan) -> dict[str, str]:
    positions = plan.province.sites[col.POSITION_ID].nunique()
    left = {reason: count for reason, count in plan.choice["left_out"].items() if count}
    en = ", ".join(f"{number(n, 'en')} ({colocation.LEFT_OUT[r]['en']})" for r, n in left.items())
    vi = ", ".join(f"{number(n, 'vi')} ({colocation.LEFT_OUT[r]['vi']})" for r, n in left.items())
    return {
        "en": f"Of {number(positions, 'en')} existing positions these take no 5G station: "
        f"{en or 'none'}; what a mast carries follows its class and height.",
        "vi": f"Trong {number(positions, 'vi')} vị trí trạm hiện có, các vị trí không lắp thêm "
        f"trạm 5G: {vi or 'không có'}; khả năng mang của cột tính theo loại và chiều cao.",
    }


def _spread(plan: Plan) -> dict[str, str]:
    told = plan.scenario.uncertainty
    errors = (told.common_db, told.site_db, told.field_db)
    en, vi = (" / ".join(f"{e:g}" for e in errors), " / ".join(_vi(e) for e in errors))
    return {
        "en": f"Rank intervals (5 to 95 %) and probabilities: the plan is chosen again "
        f"{told.draws:,} times with weights redrawn and prediction errors of {en} dB "
        "(common / station / place).",
        "vi": f"Khoảng xếp hạng (5 đến 95 %) và xác suất: kế hoạch được chọn lại "
        f"{number(told.draws, 'vi')} lần với trọng số thay đổi và sai số dự báo {vi} dB "
        "(chung / từng trạm / từng nơi).",
    }


def _money(plan: Plan) -> dict[str, str]:
    cost = plan.scenario.cost
    return {
        "en": f"Costs are typical figures, not quotations, at {number(cost.vnd_per_usd, 'en')} VND "
        f"a USD; present value over {cost.horizon_years} years at {cost.discount_rate:.0%}.",
        "vi": f"Chi phí là số điển hình, không phải báo giá, tỷ giá "
        f"{number(cost.vnd_per_usd, 'vi')} đồng/USD; giá trị hiện tại trong "
        f"{cost.horizon_years} năm, chiết khấu {cost.discount_rate:.0%}.",
    }


def notes(plan: Plan) -> list[dict[str, str]]:
    """Return what a reader of the curves and tables will ask, and how far the model holds."""
    return [*_of_curves(plan), *_of_districts(plan), *plan.warnings]


def _of_districts(plan: Plan) -> list[dict[str, str]]:
    """Say that stations asked for in every district were not, where there are no districts."""
    if len(plan.districts) or not plan.scenario.rollout.min_per_district:
        return []
    return [
        {
            "en": "These administrative units have no districts: the least number of stations per "
            "district was not asked for.",
            "vi": "Bộ đơn vị hành chính này không có cấp huyện: không áp dụng số trạm tối thiểu "
            "mỗi huyện.",
        }
    ]


def _of_curves(plan: Plan) -> list[dict[str, str]]:
    outside = plan.scenario.zones.outside_weight
    found = [
        {
            "en": "Levels are predicted, not measured.",
            "vi": "Mức thu là kết quả dự báo, không phải đo kiểm.",
        }
    ]
    if len(plan.ranking) and outside < 1:
        found.insert(
            0,
            {
                "en": f"Demand outside the priority zones counts {outside:g} times as much in the "
                "choice; the curve of people counts everyone alike.",
                "vi": f"Nhu cầu ngoài khu vực ưu tiên được tính hệ số {_vi(outside)} khi lựa chọn; "
                "đường cong dân số tính mọi người như nhau.",
            },
        )
    return found


def _vi(value: float) -> str:
    return f"{value:g}".replace(".", ",")
