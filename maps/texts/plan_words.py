"""The strings of the ranking, of own weights and of the cards: key, Vietnamese, English."""

PLAN_WORDS: dict[str, tuple[str, str]] = {
    # Ranking
    "score_short": ("Điểm", "Score"),
    "rank_interval_short": ("Khoảng hạng", "Rank range"),
    "nearby_short": ("Phạm vi 500 m", "Within 500 m"),
    "probability_short": ("Xác suất", "Probability"),
    "rank_low": ("Hạng cao nhất", "Best rank"),
    "rank_high": ("Hạng thấp nhất", "Worst rank"),
    "lon": ("Kinh độ", "Longitude"),
    "lat": ("Vĩ độ", "Latitude"),
    "filter_text": ("Lọc theo mã, địa bàn, khu vực", "Filter by id, place or zone"),
    "filters": ("Bộ lọc", "Filters"),
    "all_years": ("Mọi năm", "All years"),
    "all_kinds": ("Mọi hình thức", "All kinds"),
    "all_districts": ("Mọi huyện", "All districts"),
    "all_zone_kinds": ("Mọi khu vực", "All zones"),
    "no_zone": ("Ngoài khu vực ưu tiên", "Outside the zones"),
    "not_in_plan": ("Ngoài kế hoạch", "Not in the plan"),
    "rows_of": ("{shown} trên {total} dòng", "{shown} of {total} rows"),
    "clear_filters": ("Bỏ lọc", "Clear filters"),
    "no_rows_left": (
        "Không có trạm nào khớp với bộ lọc.",
        "No station passes the filters.",
    ),
    "copy_csv": ("Chép CSV", "Copy CSV"),
    "download_csv": ("Tải CSV", "Save CSV"),
    "rows_copied": ("Đã sao chép {count} dòng", "{count} rows copied"),
    "wide_table": ("Mở rộng bảng", "Widen the table"),
    "narrow_table": ("Thu hẹp bảng", "Narrow the table"),
    # Own weights
    "order": ("Thứ tự", "Order"),
    "order_plan": ("Theo kế hoạch", "Of the plan"),
    "order_own": ("Theo trọng số của tôi", "By my weights"),
    "own_note": (
        (
            "Mỗi vị trí được chấm điểm riêng lẻ theo các trọng số này. Đây là thứ tự điểm, không "
            "phải phương án đã được chứng minh: kế hoạch còn tính phần chồng lấn giữa các trạm."
        ),
        (
            "Each place is scored alone by these weights. This is the order of scores, not the "
            "proven choice: the plan also counts how stations overlap."
        ),
    ),
    "own_first": ("Số vị trí đầu", "First places"),
    "own_shared": (
        "{shared} trong {first} vị trí đầu cũng thuộc kế hoạch",
        "{shared} of the first {first} places are also in the plan",
    ),
    "own_reset": ("Trọng số của kế hoạch", "The plan's weights"),
    "own_same": ("Đang dùng đúng trọng số của kế hoạch", "These are the plan's own weights"),
    "own_nothing": (
        "Mọi trọng số bằng 0: hãy cho một tiêu chí trọng số",
        "All weights are 0: give one criterion a weight",
    ),
    "own_stations": ("Vị trí theo trọng số của tôi", "Places by my weights"),
    "own_in_plan": ("Thuộc kế hoạch, màu theo năm", "In the plan, colour by year"),
    "more_is_better": ("càng cao càng tốt", "more is better"),
    "less_is_better": ("càng thấp càng tốt", "less is better"),
    "own_rank": ("Hạng của tôi", "My rank"),
    "own_score": ("Điểm của tôi", "My score"),
    "score_rank": ("Hạng theo điểm", "Rank by score"),
    "plan_rank": ("Hạng kế hoạch", "Plan's rank"),
    "criterion_people": ("Dân số phủ thêm", "Residents gained"),
    "criterion_workers": ("Lao động phủ thêm", "Workers gained"),
    "criterion_visitors": ("Du khách phủ thêm", "Visitors gained"),
    "criterion_area": ("Diện tích phủ thêm", "Area gained"),
    "criterion_throughput": ("Tốc độ tăng thêm", "Speed gained"),
    "criterion_roads": ("Đường giao thông phủ thêm", "Roads gained"),
    "criterion_cost": ("Chi phí xây dựng", "Cost of building"),
    "criterion_colocation": ("Dùng chung cột", "Existing mast"),
    "criterion_backhaul": ("Chi phí truyền dẫn", "Cost of backhaul"),
    "criterion_policy": ("Chủ trương của tỉnh", "Policy of the province"),
    # Places compared
    "places": ("Các vị trí đã so sánh", "Places compared"),
    "legend_places": ("Điểm của các vị trí đã so sánh", "Score of the places compared"),
    "compared_place": ("Vị trí đã so sánh", "Place compared"),
    "place_chosen": ("Được chọn", "Chosen"),
    "place_not_chosen": ("Không được chọn", "Not chosen"),
    "place_why": (
        (
            "Kế hoạch chọn theo phần mỗi trạm bổ sung vào các trạm đã chọn trước. Số liệu ở đây "
            "tính riêng vị trí này so với mạng hiện nay."
        ),
        (
            "The plan chooses by what a station adds to those chosen before it. The figures here "
            "are of this place alone against the network of today."
        ),
    ),
    "nearby_built": ("Tại đây hoặc trong vòng 500 m", "Here or within 500 m"),
    "probability_built": ("Tỷ lệ được xây khi chọn lại", "Built in redrawn plans"),
    "nearest_station": ("Trạm đề xuất gần nhất", "Nearest proposed station"),
    "alone": ("Số liệu riêng của vị trí", "This place alone"),
    "topsis": ("Điểm TOPSIS", "TOPSIS score"),
    "on_existing_mast": ("có", "yes"),
    "on_new_mast": ("không", "no"),
    # Backhaul
    "backhaul": ("Truyền dẫn của các trạm đề xuất", "Backhaul of the proposed stations"),
    "backhaul_short": ("Truyền dẫn", "Backhaul"),
    "link_fibre": ("Tuyến cáp quang", "Fibre link"),
    "link_microwave": ("Tuyến vi ba", "Microwave link"),
    "link_upgrade": ("Nâng cấp tuyến vi ba hiện có", "Existing microwave link, upgraded"),
    "link_length": ("Chiều dài", "Length"),
    "link_stations": ("Số trạm dùng tuyến", "Stations carried"),
    "link_ends": ("Hai đầu", "Ends"),
    # Cards
    "adds": ("Phủ thêm so với các trạm trước", "Adds to the stations before it"),
    "costs": ("Chi phí", "Cost"),
    "backhaul_cost": ("Trong đó truyền dẫn", "Of it backhaul"),
    "opex": ("Chi phí vận hành mỗi năm", "Running cost a year"),
    "speed_gained": ("Tốc độ tăng thêm, tính riêng", "Speed gained, alone"),
    "road_gained": ("Đường giao thông được phủ thêm", "Roads gained"),
    "score_parts": ("Điểm gồm những gì", "What the score is made of"),
    "certainty": ("Mức chắc chắn", "How sure the rank is"),
    "certainty_text": (
        (
            "Chọn lại kế hoạch {draws} lần với nhu cầu và sai số dự báo khác nhau: trạm được xây "
            "trong {probability} số lần (tại đây hoặc trong vòng 500 m: {nearby}), hạng {low} đến "
            "{high} trong 90% số lần."
        ),
        (
            "The plan drawn again {draws} times, with other demand and errors of prediction: the "
            "station is built in {probability} of them (here or within 500 m: {nearby}), at ranks "
            "{low} to {high} in 90% of them."
        ),
    ),
    "certainty_out": (
        "Hạng {rank} nghĩa là không được xây.",
        "Rank {rank} means that it is not built.",
    ),
    "likely_high": ("Rất chắc chắn", "Very sure"),
    "likely_medium": ("Khá chắc chắn", "Fairly sure"),
    "likely_nearby": (
        "Cần trạm ở khu vực này, cột lân cận cũng được",
        "A station is needed here, a mast nearby would do as well",
    ),
    "likely_low": ("Phụ thuộc giả định", "Depends on the assumptions"),
    "link_budget": ("Quỹ đường truyền {layer}", "Link budget of {layer}"),
    "budget_power": ("Công suất phát", "Transmit power"),
    "budget_gain": ("Độ lợi ăng ten", "Antenna gain"),
    "budget_feeder": ("Suy hao phi đơ", "Feeder loss"),
    "budget_share": ("Chia cho các phần tử tài nguyên", "Spread over resource elements"),
    "budget_eirp": ("EIRP mỗi phần tử tài nguyên", "EIRP per resource element"),
    "budget_loss": ("Suy hao đường truyền cho phép", "Allowed path loss"),
    "budget_noise": ("Tạp âm mỗi phần tử", "Noise per element"),
    "budget_snr": ("Tín hiệu trên tạp âm tại ngưỡng", "Signal to noise at the threshold"),
    "frequency": ("Tần số", "Frequency"),
    "site_list": ("Danh sách {count} trạm BTS", "List of {count} BTS"),
    "sites_in_zone": ("Số trạm BTS trong khu vực", "BTS inside"),
    "why": ("Vì sao", "Why"),
    "unit_mhz": ("MHz", "MHz"),
    "unit_dbi": ("dBi", "dBi"),
    "unit_km": ("km", "km"),
}
