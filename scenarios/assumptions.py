"""What a plan assumes, in words, for every output to repeat."""

from phusong import columns as col
from phusong.coverage.models import REGISTRY
from phusong.scenarios.reason import number
from phusong.scenarios.run import Plan

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


def _method(plan: Plan) -> list[dict[str, str]]:
    scenario = plan.scenario
    people = plan.headline["population"]
    error = scenario.uncertainty.model_error_db
    positions = plan.province.sites[col.POSITION_ID].nunique()
    return [
        _loss(plan),
        {
            "en": f"People are residents of the census of 1 April 2019 ({number(people, 'en')}), "
            "spread inside each commune by land cover.",
            "vi": f"Dân số là dân cư theo tổng điều tra 1/4/2019 ({number(people, 'vi')}), phân bổ "
            "trong từng xã theo lớp phủ mặt đất.",
        },
        {
            "en": f"Any of the {number(positions, 'en')} existing positions may take a 5G station; "
            "free capacity of the masts is not known.",
            "vi": f"Mọi vị trí trạm hiện có ({number(positions, 'vi')} vị trí) đều có thể lắp trạm "
            "5G; chưa biết khả năng chịu tải còn lại của cột.",
        },
        {
            "en": f"Rank intervals: the choice is repeated with the prediction {error:g} dB higher "
            "and lower; costs are typical figures, not quotations.",
            "vi": f"Khoảng xếp hạng: lựa chọn được tính lại khi dự báo cao hơn và thấp hơn "
            f"{_vi(error)} dB; chi phí là số điển hình, không phải báo giá.",
        },
    ]


def notes(plan: Plan) -> list[dict[str, str]]:
    """Return what a reader of the curves and tables will ask, and how far the model holds."""
    return [*_of_curves(plan), *plan.warnings]


def _of_curves(plan: Plan) -> list[dict[str, str]]:
    if not len(plan.ranking) or plan.scenario.zones.target_share == 0:
        return []
    target = plan.scenario.zones.target_share
    return [
        {
            "en": f"Zones come first until {target:.0%} of their demand is covered; stations with "
            "larger gains outside the zones follow, so the curve of people may bend upwards there.",
            "vi": f"Khu vực ưu tiên được phủ trước cho đến khi đạt {target:.0%} nhu cầu; các trạm "
            "ngoài khu vực có mức tăng lớn hơn đến sau, nên đường cong dân số có thể dốc lên ở đó.",
        },
        {
            "en": "Levels are predicted, not measured.",
            "vi": "Mức thu là kết quả dự báo, không phải đo kiểm.",
        },
    ]


def _vi(value: float) -> str:
    return f"{value:g}".replace(".", ",")
