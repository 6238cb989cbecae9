"""The strings of the calibration page: key, Vietnamese, English."""

from phusong.maps.texts import text

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Hiệu chỉnh mô hình truyền sóng", "Calibration of the propagation model"),
    "lead": (
        (
            "Trên {blocks} ô đất cạnh {side} m mà phép khớp chưa thấy, sai số quân phương (RMSE) "
            "của {model} giảm từ {before} xuống {after} dB; một độ lệch cho mỗi cell và một độ "
            "dốc theo logarit khoảng cách đạt {baseline} dB."
        ),
        (
            "On {blocks} blocks of {side} m that the fit has not seen, the RMSE of {model} falls "
            "from {before} to {after} dB; an offset per cell and a slope in log distance reach "
            "{baseline} dB."
        ),
    ),
    "p1812": ("ITU-R P.1812", "ITU-R P.1812"),
    "spm": ("mô hình truyền sóng chuẩn", "the standard propagation model"),
    "places": ("{count} điểm (cell và ô lưới 30 m)", "{count} places (cell and pixel of 30 m)"),
    "errors": ("Sai số trên các ô kiểm tra", "Errors on held-out blocks"),
    "model": ("Mô hình", "Model"),
    "before": ("Chưa hiệu chỉnh", "Untuned"),
    "after": ("Đã hiệu chỉnh", "Calibrated"),
    "baseline": ("Độ lệch mỗi cell và độ dốc", "Offset per cell and slope"),
    "rmse": ("RMSE (dB)", "RMSE (dB)"),
    "bias": ("Độ lệch (dB)", "Bias (dB)"),
    "correlation": ("Tương quan", "Correlation"),
    "bias_note": (
        (
            "Độ lệch là mức thu đo được trừ mức dự báo; mỗi điểm được dự báo bằng phép khớp "
            "không có ô đất của nó."
        ),
        (
            "Bias is measured less predicted level; every place is predicted by a fit without "
            "its own block."
        ),
    ),
    "scatter": (
        "Suy hao đo được so với dự báo, trước và sau hiệu chỉnh (ô kiểm tra)",
        "Measured against predicted loss, untuned and calibrated (held out)",
    ),
    "distance": ("Sai số theo khoảng cách", "Residuals by distance"),
    "maps": (
        "Suy hao của cell mạnh nhất: đo được (trái), dự báo (phải), cùng thang màu",
        "Loss of the strongest cell: measured (left), predicted (right), one colour scale",
    ),
    "residual_map": (
        "Bản đồ sai số: mức đo trừ mức dự báo, trung bình các cell, ô kiểm tra",
        "Map of residuals: measured less predicted level, mean of cells, held out",
    ),
    "correlogram": (
        "Tương quan của sai số theo khoảng cách giữa hai điểm",
        "Correlation of residuals by the distance between two places",
    ),
    "axis_distance": ("Khoảng cách đến cell (m)", "Distance from the cell (m)"),
    "axis_apart": ("Khoảng cách giữa hai điểm (m)", "Distance between two places (m)"),
    "axis_measured": ("Suy hao ĐO ĐƯỢC (dB)", "MEASURED loss (dB)"),
    "axis_predicted": ("Suy hao DỰ BÁO (dB)", "PREDICTED loss (dB)"),
    "axis_residual": ("Đo trừ dự báo (dB)", "Measured less predicted (dB)"),
    "axis_loss": ("Suy hao (dB)", "Loss (dB)"),
    "measured": ("ĐO ĐƯỢC", "MEASURED"),
    "predicted": ("DỰ BÁO, ô kiểm tra", "PREDICTED, held out"),
    "median": ("trung vị và nửa giữa", "median and middle half"),
    "values": ("Giá trị đã khớp", "Fitted values"),
    "name": ("Tham số", "Parameter"),
    "start": ("Ban đầu", "Start"),
    "value": ("Giá trị", "Value"),
    "interval": ("Khoảng tin cậy 95 %", "95 % interval"),
    "at_bound": ("chạm giới hạn", "at its bound"),
    "groups": ("Sai số theo nhóm", "Errors by group"),
    "group": ("Nhóm", "Group"),
    "count": ("Số điểm", "Places"),
    "by_distance": ("Khoảng cách (m)", "Distance (m)"),
    "by_landcover": ("Lớp phủ mặt đất", "Land cover"),
    "by_sight": ("Tầm nhìn thẳng", "Line of sight"),
    "by_cell": ("Cell", "Cell"),
    "True": ("có", "yes"),
    "False": ("không", "no"),
    "outside": ("không rõ", "not known"),
    "urban": ("đô thị", "urban"),
    "industrial": ("công nghiệp", "industrial"),
    "settlement": ("khu dân cư", "settlement"),
    "farmland": ("đất nông nghiệp", "farmland"),
    "forest": ("rừng", "forest"),
    "water": ("mặt nước", "water"),
    "spread": (
        (
            "Sai số mô hình giữa các ô đất: độ lệch chuẩn {error} dB; che khuất trong một ô: "
            "{sigma} dB. Dải sai số của dân số được phủ sóng tính từ hai giá trị này."
        ),
        (
            "Error of the model from block to block: {error} dB standard deviation; shadowing "
            "within a block: {sigma} dB. Bands on people covered come from these two."
        ),
    ),
    "data": ("Dữ liệu", "Data"),
    "left_out": ("Mẫu bị loại", "Samples left out"),
    "unreadable": ("không đọc được", "unreadable"),
    "out of range": ("ngoài dải báo cáo của thiết bị", "out of the range handsets report"),
    "saturated": ("bão hòa", "saturated"),
    "repeated": ("lặp lại", "repeated"),
    "GPS jump": ("GPS nhảy vị trí", "GPS jump"),
    "cell not told": ("không xác định được cell", "cell not told"),
    "nearer than 20 m": ("gần cell hơn 20 m (ô lưới)", "nearer than 20 m (pixels)"),
    "farther than 35 km": ("xa cell hơn 35 km (ô lưới)", "farther than 35 km (pixels)"),
    "off the ground": ("ngoài vùng địa hình (ô lưới)", "off the ground (pixels)"),
    "of_rows": ("trên {rows} dòng", "of {rows} rows"),
    "untimed": (
        "Không có thời gian đo: GPS nhảy vị trí chỉ được tìm theo thứ tự dòng.",
        "No times: GPS jumps are looked for in the order of rows only.",
    ),
    "assumed": ("Giả định về cell", "Assumed of the cells"),
    "warnings": ("Cần biết", "To know"),
}


def words(language: text.Language) -> dict[str, str]:
    """Return every string in one language, by key."""
    column = text.LANGUAGES.index(language)
    return {key: pair[column] for key, pair in WORDS.items()}
