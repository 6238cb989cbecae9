"""What the recipes say of the layers they make, in Vietnamese."""

import re

_OF_ROWS = re.compile(r"for (\d+) of (\d+) rows")
# Longest first: a phrase may hold a shorter one.
PHRASES = {
    "nearest-point tessellation of 1,025 points inside an outline of 160 vertices; "
    "codes and names: GSO; residents: census of 1 April 2019": "phân vùng theo điểm gần nhất của "
    "1.025 điểm trong đường bao 160 đỉnh; mã và tên: Tổng cục Thống kê; dân số: tổng điều tra "
    "1/4/2019",
    "boundaries agree with the true ones at a mean IoU of about 0.83": "ranh giới trùng với ranh "
    "giới thật ở mức IoU trung bình khoảng 0,83",
    "union of the communes": "gộp các xã",
    "64 zones with published points and areas, drawn as clipped discs": "64 khu vực có vị trí và "
    "diện tích đã công bố, vẽ thành hình tròn cắt theo ranh giới",
    "areas without a source and most workers and visitors are assumed": "diện tích không có nguồn "
    "và phần lớn số lao động, du khách là giả định",
    "generated from residents, zones, operators' shares and a sharing rate of 19 %": "tạo từ dân "
    "cư, khu vực, thị phần nhà mạng và tỷ lệ dùng chung 19 %",
    "no real station stands where one is drawn": "không phải vị trí trạm thật",
    "1,600 spot heights read from SRTM, linear interpolation": "1.600 điểm độ cao đọc từ SRTM, "
    "nội suy tuyến tính",
    "about 30 m RMS from SRTM": "sai số trung phương khoảng 30 m so với SRTM",
    "classes from terrain, zones and residents; villages are drawn by seed": "phân lớp từ địa "
    "hình, khu vực và dân cư; làng xóm được tạo ngẫu nhiên có hạt giống",
    "rivers are left out": "không có sông",
    "residents of each commune spread by land cover and slope": "dân số mỗi xã phân bổ theo lớp "
    "phủ mặt đất và độ dốc",
    "sums per commune are exact": "tổng theo xã là chính xác",
    "no zones are known for this province": "không biết khu vực nào của tỉnh này",
    "the layer is empty": "lớp trống",
    "given by the user": "do người dùng cung cấp",
    "of the province were void and interpolated": "của tỉnh bị trống và được nội suy",
    "pattern as given; each commune sums to its own figure": "phân bố theo tệp; tổng mỗi xã theo "
    "số liệu riêng của xã",
    "industrial and tourism zones without workers and visitors": "khu công nghiệp và du lịch không "
    "có số lao động, du khách",
    "built-up land of wards counts as urban": "đất xây dựng của phường tính là đô thị",
    "pixels without a class count as farmland": "điểm ảnh không phân lớp tính là đất nông nghiệp",
    "A2a in wards, A2b elsewhere": "A2a ở phường, A2b ở nơi khác",
    "cells left out, only 4G and 5G are predicted": "cell bị bỏ, chỉ dự báo 4G và 5G",
    "rows left out": "dòng bị bỏ",
    "operator unknown": "nhà mạng không rõ",
    "technologies 4G": "công nghệ 4G",
    "azimuths_deg 0/120/240": "góc phương vị 0/120/240",
    "height_m 30 m": "độ cao ăng ten 30 m",
    "mast_class ": "loại cột ",
    "status live": "trạng thái đang phát sóng",
    "for all sites": "cho mọi trạm",
    "assumed:": "giả định:",
    "pixels": "điểm ảnh",
    "residents from '": "dân số lấy từ cột '",
    "census of 1 April 2019": "tổng điều tra 1/4/2019",
    "register or estimate of 2025": "đăng ký cư trú hoặc ước tính năm 2025",
    "not stated": "không nêu",
    "districts or provinces stand for the communes": "dùng huyện hoặc tỉnh thay cho xã",
    ", not from '": ", không lấy từ cột '",
    "coordinates recognised as": "tọa độ được nhận ra là",
    "coordinates read as": "tọa độ được đọc là",
    "state another with --crs": "nêu hệ khác bằng --crs",
}


def vietnamese(text: str) -> str:
    """Return a provenance text with every known phrase in Vietnamese; names of files stay."""
    for english, said in PHRASES.items():
        text = text.replace(english, said)
    return _OF_ROWS.sub(r"cho \1/\2 dòng", text)
