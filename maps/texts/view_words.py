"""The strings of the years, the divider, places and links of the map: key, Vietnamese, English."""

VIEW_WORDS: dict[str, tuple[str, str]] = {
    "map_label": (
        "Bản đồ tương tác; phím Enter: tọa độ tâm bản đồ",
        "Interactive map; Enter: coordinates of its middle",
    ),
    "year_slider": ("Lộ trình theo năm", "Rollout by year"),
    "year_end": ("Hết năm {year}", "End of {year}"),
    "play": ("Chạy lần lượt từng năm", "Play year by year"),
    "pause": ("Dừng", "Pause"),
    "swipe": ("So sánh hai nội dung bằng vạch chia", "Compare two themes with a divider"),
    "swipe_left": ("Bên trái", "Left side"),
    "swipe_right": ("Bên phải", "Right side"),
    "divider": (
        "Vạch chia: kéo, hoặc dùng phím mũi tên",
        "Divider: drag it, or use the arrow keys",
    ),
    "copy": ("Sao chép tọa độ", "Copy coordinates"),
    "copied": ("Đã sao chép tọa độ", "Coordinates copied"),
    "copy_link": ("Sao chép liên kết đến khung nhìn này", "Copy a link to this view"),
    "link_copied": ("Đã sao chép liên kết", "Link copied"),
    "print": ("In bản đồ", "Print the map"),
    "point": ("Điểm trên bản đồ", "Place on the map"),
    "point_tool": ("Tọa độ một điểm", "Coordinates of a place"),
    "point_hint": (
        "Nhấn vào bản đồ để lấy tọa độ; phím Enter: tâm bản đồ",
        "Press the map for its coordinates; Enter: its middle",
    ),
    "outside": ("Ngoài tỉnh", "Outside the province"),
    "online": ("OpenStreetMap (cần kết nối mạng)", "OpenStreetMap (needs internet)"),
    "online_note": (
        "Chỉ khi bật lớp này, trang mới tải ảnh từ tile.openstreetmap.org.",
        "Only while this is on does the page load pictures, from tile.openstreetmap.org.",
    ),
    "online_file": (
        "OpenStreetMap có thể từ chối trang mở từ tệp: hãy mở bằng phusong serve",
        "OpenStreetMap may refuse a page opened from a file: open it with phusong serve",
    ),
    "online_failed": ("Không tải được OpenStreetMap", "OpenStreetMap did not load"),
    "about_openstreetmap": (
        "© những người đóng góp OpenStreetMap",
        "© OpenStreetMap contributors",
    ),
}
