"""The strings of the report alone: key, Vietnamese, English."""

from phusong.maps.texts import text

WORDS: dict[str, tuple[str, str]] = {
    "footer": ("Báo cáo phủ sóng 5G", "5G coverage report"),
    "decimal": (",", "."),
    "contents": ("Nội dung", "Contents"),
    # First page
    "lead": (
        (
            "Đề xuất xây dựng {stations} trạm 5G ({colocated} trạm dùng chung cột hiện có, {new} "
            "trạm trên cột mới) {period}, vốn đầu tư {cost}. Tỷ lệ dân số được phủ sóng 5G "
            "{location} tăng từ {before} lên {after}, tức thêm {gained} người."
        ),
        (
            "The plan builds {stations} 5G stations ({colocated} on existing masts, {new} on new "
            "ones) {period} for {cost}. The share of residents covered by 5G {location} rises "
            "from {before} to {after}: {gained} people more."
        ),
    ),
    "in_year": ("trong năm {year}", "in {year}"),
    "in_years": ("trong giai đoạn {first}–{last}", "from {first} to {last}"),
    "covered_already": (
        "Gần như toàn bộ dân số đã được phủ sóng 5G trước kế hoạch.",
        "Nearly all residents are covered by 5G before the plan.",
    ),
    "nobody_covered": (
        "Sau kế hoạch, không có người dân nào được phủ sóng 5G.",
        "After the plan no resident is covered by 5G.",
    ),
    "people_more": ("Dân số được phủ sóng thêm", "Residents gained"),
    "of_before": ("trước kế hoạch {share}", "{share} before the plan"),
    "run_cost": ("vận hành {cost} mỗi năm", "{cost} a year to run"),
    "on_masts": ("{colocated} dùng chung cột, {new} xây mới", "{colocated} shared, {new} new"),
    "capex": ("Vốn đầu tư", "Cost to build"),
    "how_sure": ("Độ chắc chắn", "How sure it is"),
    "expected": ("Kỳ vọng", "Expected"),
    "interval": ("Khoảng 90% (sai số dự báo)", "90% interval (error of prediction)"),
    "from_to": ("{low} đến {high}", "{low} to {high}"),
    "sure_people": (
        "Có dịch vụ với xác suất {probability}",
        "Served with probability {probability}",
    ),
    "outdoors": ("Ngoài trời (mức thu trung bình)", "Outdoors (mean level)"),
    "gap_short": ("Còn có thể tốt hơn, nhiều nhất", "A better plan adds at most"),
    "stations_sure": (
        "Trạm chắc chắn (từ {share} số lần tính lại)",
        "Stations that stay (in {share} of redraws or more)",
    ),
    "stations_nearby": (
        "Như trên, kể cả trạm trong 500 m",
        "The same, or one within 500 m does",
    ),
    "who_gains": ("Ai được hưởng lợi", "Who gains"),
    "people_of": ("{people} người", "{people} people"),
    "workers_gained": ("Lao động khu công nghiệp", "Workers in industrial parks"),
    "visitors_gained": ("Khách du lịch ngày cao điểm", "Visitors on a peak day"),
    "other_districts": ("Các huyện còn lại", "Other districts"),
    "speed_short": ("Đạt QCVN 126 (dự báo)", "Keep QCVN 126 (predicted)"),
    "districts_of": ("{part}/{whole} huyện", "{part} of {whole} districts"),
    "caveats": ("Lưu ý khi sử dụng", "Before you rely on it"),
    "made_up": ("Dữ liệu mô phỏng: {layers}.", "Synthetic: {layers}."),
    "about_right": ("Dữ liệu gần đúng: {layers}.", "Approximate: {layers}."),
    "predicted": (
        "Vùng phủ và tốc độ là kết quả dự báo, chưa đo kiểm.",
        "Coverage and speeds are predicted, not measured.",
    ),
    "typical_costs": (
        "Chi phí là số điển hình, không phải báo giá.",
        "Costs are typical figures, not quotations.",
    ),
    # Rollout and cost
    "rollout": ("Lộ trình và kinh phí", "Rollout and cost"),
    "existing_new": ("Dùng chung / xây mới", "Shared / new"),
    "opex_by_end": ("Vận hành mỗi năm", "Running cost a year"),
    "alone_note": (
        (
            "Theo năm, truyền dẫn được tính riêng cho từng trạm; khi dùng chung tuyến, tổng "
            "vốn đầu tư là {capex}."
        ),
        (
            "By year, backhaul is that of each station alone; where stations share links, building "
            "costs {capex} in all."
        ),
    ),
    "asked_reached": ("Chỉ tiêu và kết quả", "What was asked and what is reached"),
    "asked": ("Yêu cầu", "Asked"),
    "lowered": ("hạ còn {share}", "lowered to {share}"),
    "reached": ("Đạt được", "Reached"),
    "by_end_of": ("Đến năm", "By"),
    "result": ("Kết quả", "Result"),
    "met": ("Đạt", "Met"),
    "not_met": ("Chưa đạt", "Not met"),
    "reached_quota": ("Phủ sóng khu vực", "Zone covered"),
    "reached_minimum": ("Số trạm tối thiểu của huyện", "Least stations of a district"),
    "reached_target": ("Dân số được phủ sóng", "Residents covered"),
    "costs": ("Chi phí", "Cost"),
    "stations_cost": ("Xây dựng trạm", "Building the stations"),
    "backhaul_cost": ("Truyền dẫn", "Backhaul"),
    "backhaul_bound": (
        "không thể dưới {cost} với các tuyến này",
        "cannot be less than {cost} over these links",
    ),
    "capex_total": ("Tổng vốn đầu tư", "Cost to build, in all"),
    "opex_total": ("Vận hành mỗi năm khi hoàn thành", "Running cost a year when finished"),
    "present_value": (
        "Giá trị hiện tại của mọi chi phí, {years} năm, chiết khấu {rate}",
        "Present value of all costs, {years} years at {rate}",
    ),
    "sharing_variants": (
        "Nếu {operators} nhà mạng cùng phủ sóng như vậy",
        "If {operators} operators each give this coverage",
    ),
    "way": ("Cách làm", "Way"),
    "way_alone": ("Mỗi nhà mạng tự xây dựng", "Each builds alone"),
    "way_mast": ("Dùng chung cột và mặt bằng", "They share mast and site"),
    "way_passive": (
        "Dùng chung hạ tầng thụ động (GSMA, 16–35%)",
        "They share passive infrastructure (GSMA, 16–35%)",
    ),
    "way_active": (
        "Dùng chung cả thiết bị (GSMA, 33–45%)",
        "They share equipment too (GSMA, 33–45%)",
    ),
    "value_today": ("Giá trị hiện tại", "Present value"),
    "saving": ("Tiết kiệm", "Saving"),
    "curves": ("Hiệu quả theo số trạm và kinh phí", "What stations and money bring"),
    # Coverage
    "coverage": ("Phủ sóng", "Coverage"),
    "province_figures": ("Toàn tỉnh", "The province"),
    "people_expected": ("Dân số, kỳ vọng", "Residents, expected"),
    "people_sure": ("Dân số, xác suất {probability}", "Residents, probability {probability}"),
    "bands_note": (
        "Chữ nhỏ: khoảng 90% do sai số dự báo.",
        "Small print: 90% range by the error of prediction.",
    ),
    "holes_title": ("Vùng lõm còn lại", "Coverage holes that remain"),
    "no_holes": ("Không còn vùng lõm sóng.", "No coverage hole remains."),
    "no_zones": (
        "Tỉnh không có khu vực ưu tiên nào trong dữ liệu.",
        "The data has no priority zone.",
    ),
    # Quality
    "quality": ("Chất lượng dịch vụ 5G theo QCVN 126:2021", "5G quality under QCVN 126:2021"),
    "quality_rule": (
        (
            "QCVN 126:2021/BTTTT yêu cầu: tốc độ tải xuống trung bình từ 100 Mbit/s, tải lên trung "
            "bình từ 30 Mbit/s, ít nhất 95% mẫu có tốc độ tải xuống từ 30 Mbit/s. Bảng này là dự "
            "báo, không thay cho đo kiểm theo quy chuẩn. Mẫu là các ô lưới ngoài trời có mức thu "
            "từ {threshold} dBm, trọng số theo dân số; một thuê bao dùng toàn bộ sóng mang, các "
            "trạm khác tải {load}. Phần điều khiển (overhead) đã được trừ."
        ),
        (
            "QCVN 126:2021/BTTTT asks for a mean download of at least 100 Mbit/s, a mean upload of "
            "at least 30 and a download of 30 Mbit/s in 95% of samples. This table is predicted "
            "and does not replace the measurement that the rule asks for. Samples are pixels "
            "outdoors with a level of {threshold} dBm or more, weighed by residents; one user has "
            "the whole carrier, other stations are loaded to {load}. Overheads are taken off."
        ),
    ),
    "no_quality": (
        "Lần chạy này không có dự báo tốc độ tải lên nên không đánh giá được QCVN 126.",
        "This run predicted no upload speed, so QCVN 126 cannot be judged.",
    ),
    "service_area": ("Dân số trong vùng phủ", "Residents in the service area"),
    "mean_down": ("Tải xuống trung bình (Mbit/s)", "Mean download (Mbit/s)"),
    "mean_up": ("Tải lên trung bình (Mbit/s)", "Mean upload (Mbit/s)"),
    "fast": ("Mẫu từ 30 Mbit/s", "Samples at 30 Mbit/s"),
    "no_service": ("ngoài vùng phủ", "no service"),
    "quality_sum": (
        "Dự báo {part} trong {whole} xã có phủ sóng đạt cả ba chỉ tiêu.",
        "{part} of {whole} communes with service are predicted to keep all three limits.",
    ),
    "quality_communes": ("QCVN 126 theo xã, phường, thị trấn", "QCVN 126 by commune"),
    # Network and passive infrastructure
    "infrastructure": (
        "Mạng hiện có và hạ tầng viễn thông thụ động",
        "Existing network and passive infrastructure",
    ),
    "network": ("Trạm BTS theo nhà mạng và công nghệ", "BTS by operator and technology"),
    "all_bts": ("Tất cả", "All"),
    "masts_word": ("Số cột", "Masts"),
    "shared_bts": ("BTS trên cột dùng chung", "BTS on shared masts"),
    "network_note": (
        (
            "4G của các nhà mạng gộp lại phủ {share} dân số ngoài trời theo dự báo; lần chạy không "
            "tách 4G theo nhà mạng. 3G không được dự báo."
        ),
        (
            "4G of all operators together is predicted to cover {share} of residents outdoors; the "
            "run does not split it by operator. 3G is not predicted."
        ),
    ),
    "masts_table": (
        "Cột ăng ten theo loại và huyện",
        "Antenna masts by class and district",
    ),
    "masts_note": (
        (
            "Một cột là một vị trí; loại theo ăng ten cao nhất (A1 không cồng kềnh, A2a trên mái, "
            "A2b trên mặt đất). Cột dùng chung có từ hai nhà mạng."
        ),
        (
            "A mast is a position; its class is that of the highest antenna (A1 not bulky, A2a on "
            "a roof, A2b on the ground). A shared mast has two operators or more."
        ),
    ),
    "one_network_note": (
        "Kế hoạch không gắn trạm với nhà mạng nào nên trạm mới không làm tăng số cột dùng chung.",
        "The plan names no operator, so its stations do not make a mast count as shared.",
    ),
    "total_today": ("Hiện có", "Today"),
    "built_new": ("Xây mới", "New"),
    "total_after": ("Sau kế hoạch", "After"),
    "shared_today": ("Dùng chung", "Shared"),
    "shared_after": ("Dùng chung sau", "Shared after"),
    "sharing_rate": ("Tỷ lệ sau", "Rate after"),
    "sharing_table": (
        "Tỷ lệ cột dùng chung theo nhà mạng và huyện",
        "Share of masts shared, by operator and district",
    ),
    "sharing_note": (
        "Trong số cột mỗi nhà mạng đang dùng, tỷ lệ cột có thêm nhà mạng khác, hiện nay.",
        "Of the masts that each operator uses, the share that another uses too, today.",
    ),
    "all_masts": ("Mọi cột", "All masts"),
    "unknown": ("chưa rõ", "unknown"),
    "build_table": (
        "Cột xây mới và trạm trên cột hiện có, theo năm và xã",
        "New masts and stations on existing masts, by year and commune",
    ),
    "no_new_masts": (
        "Kế hoạch không xây cột mới; {used} cột hiện có được lắp thêm trạm.",
        "The plan builds no new mast; {used} existing masts take a station.",
    ),
    "new_masts_sum": (
        (
            "Kế hoạch xây {new} cột mới; {used} cột hiện có được lắp thêm trạm. Sau kế hoạch có "
            "{after} cột, trong đó {shared} cột dùng chung."
        ),
        (
            "The plan builds {new} new masts; {used} existing masts take a station. {after} masts "
            "stand after the plan, {shared} of them shared."
        ),
    ),
    "build_note": (
        "Mỗi ô năm: trạm trên cột hiện có + cột xây mới.",
        "Under each year: stations on existing masts + new masts.",
    ),
    "mast": ("Cột", "Mast"),
    "kind_colocated": ("hiện có", "existing"),
    "kind_new": ("mới", "new"),
    "stations_existing": ("Trạm trên cột hiện có", "Stations on existing masts"),
    "masts_used": ("Cột được dùng", "Masts used"),
    "stations_new": ("Trạm trên cột mới", "Stations on new masts"),
    "new_masts": ("Cột xây mới", "New masts"),
    "files_note": ("Bảng đầy đủ: {files}.", "Full tables: {files}."),
    # Ranking
    "interval_column": ("Khoảng hạng", "Interval"),
    "probability": ("Xác suất", "Probability"),
    "ranking_note": (
        (
            "Khoảng hạng chứa 90% số lần tính lại kế hoạch; hạng lớn hơn số trạm nghĩa là không "
            "được chọn. Xác suất: tỷ lệ số lần tính lại có xây trạm / trạm đó hoặc trạm cách không "
            "quá 500 m."
        ),
        (
            "The interval holds 90% of the redrawn plans; a rank beyond the number of stations "
            "means not built. Probability: the share of redrawn plans that build the station / it "
            "or one within 500 m."
        ),
    ),
    "other_language": (
        "Lý do được viết bằng ngôn ngữ của lần chạy.",
        "Reasons are in the language of the run.",
    ),
    # Why these stations
    "why": ("Cơ sở lựa chọn và độ tin cậy", "Why these stations, and how sure"),
    "proof": ("Chứng minh", "Proof"),
    "proof_text": (
        (
            "So sánh {candidates} vị trí. Không kế hoạch nào theo cùng quy tắc phủ thêm được quá "
            "{gap} nhu cầu so với phần kế hoạch này phủ thêm: bài toán nới lỏng (quy hoạch tuyến "
            "tính với mặt phẳng cắt, HiGHS) cho cận trên {bound}, kế hoạch đạt {value}."
        ),
        (
            "{candidates} places are compared. No plan under the same rules adds over {gap} more "
            "demand than this plan adds: the relaxed problem (linear programme with cutting "
            "planes, HiGHS) gives an upper bound of {bound}, the plan reaches {value}."
        ),
    ),
    "no_proof": (
        "Kế hoạch không phủ thêm nhu cầu nào nên không nói được còn thiếu bao nhiêu phần.",
        "The plan adds no demand, so that no share of it can be missing.",
    ),
    "weak_proof": (
        "Cận trên còn xa: thời gian tính không đủ để chứng minh chặt hơn.",
        "The bound is loose: the time allowed did not suffice for a tighter proof.",
    ),
    "criteria": ("Tiêu chí và trọng số", "Criteria and weights"),
    "criterion": ("Tiêu chí", "Criterion"),
    "weight": ("Trọng số", "Weight"),
    "ahp": (
        "Trọng số tính từ so sánh từng cặp (AHP); tỷ số nhất quán {ratio} (chấp nhận đến 0,10).",
        "Weights come from judgements of pairs (AHP); consistency ratio {ratio} (up to 0.10).",
    ),
    "given_weights": ("Trọng số do kịch bản quy định.", "The scenario states the weights."),
    "judgements": ("So sánh từng cặp: {pairs}.", "Judgements: {pairs}."),
    "agreement": (
        (
            "Xếp hạng theo tổng có trọng số và theo TOPSIS tương quan {topsis} (Spearman; 1 là "
            "giống hệt). Thứ tự xây dựng theo kế hoạch, không theo điểm: tương quan với điểm "
            "{build}, vì trạm cạnh nhau chia sẻ cùng người dân."
        ),
        (
            "Weighted sum and TOPSIS agree to {topsis} in rank (Spearman; 1 is the same order). "
            "The order of build is the plan's, not the score's: they agree to {build}, because "
            "neighbouring stations share the same people."
        ),
    ),
    "stability": ("Độ ổn định", "Stability"),
    "stability_text": (
        (
            "Kế hoạch được tính lại {draws} lần với trọng số và mức thu dự báo thay đổi. "
            "{sure} trạm được xây trong ít nhất {sure_from} số lần: nên làm trước. {likely} trạm "
            "trong ít nhất {likely_from}. {other} trạm còn lại thường được thay bằng một vị trí "
            "gần đó cũng tốt tương đương: nên xem là khu vực cần trạm, chưa phải vị trí cố định."
        ),
        (
            "The plan is chosen again {draws} times with weights and predicted levels redrawn. "
            "{sure} stations are built in at least {sure_from} of the redraws: do these first. "
            "{likely} are built in at least {likely_from}. The other {other} are often replaced "
            "by a place nearby that is as good: read them as areas that need a station, not yet "
            "as fixed places."
        ),
    ),
    "stability_nearby": (
        "Tính cả trạm trong phạm vi 500 m, {count} trạm đạt {sure_from}.",
        "Counting stations within 500 m as well, {count} reach {sure_from}.",
    ),
    "criterion_people": ("Dân số được phủ sóng thêm", "Residents gained"),
    "criterion_workers": ("Lao động được phủ sóng thêm", "Workers gained"),
    "criterion_visitors": ("Khách du lịch được phủ sóng thêm", "Visitors gained"),
    "criterion_area": ("Diện tích được phủ sóng thêm", "Area gained"),
    "criterion_throughput": ("Tốc độ tải xuống tăng thêm", "Download speed gained"),
    "criterion_roads": ("Đường giao thông được phủ sóng thêm", "Roads gained"),
    "criterion_cost": ("Chi phí trạm (thấp tốt hơn)", "Cost of the station (less is better)"),
    "criterion_colocation": ("Dùng chung cột hiện có", "Use of an existing mast"),
    "criterion_backhaul": ("Chi phí truyền dẫn (thấp tốt hơn)", "Backhaul cost (less is better)"),
    "criterion_policy": ("Ưu tiên theo chủ trương", "Priority by policy"),
    # Annex
    "communes": ("Phụ lục: theo xã, phường, thị trấn", "Annex: by commune"),
    "method": ("Cách tính, giả định và dữ liệu", "Method, assumptions and data"),
}


def words(language: text.Language) -> dict[str, str]:
    """Return every string of the report in one language, by key."""
    column = text.LANGUAGES.index(language)
    return {key: pair[column] for key, pair in WORDS.items()}
