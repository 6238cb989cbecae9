"""What a place or a building adds to a path loss: known by name, with range and source."""

import math

from phusong.coverage import p2108, p2109
from phusong.coverage.models.model import ANY, Model, Range

P2108_TERRESTRIAL = Model(
    name="p2108_terrestrial",
    title="ITU-R P.2108, clutter loss at one end of a path in town",
    title_vi="ITU-R P.2108, suy hao do vật cản quanh một đầu đường truyền trong đô thị",
    source="Recommendation ITU-R P.2108-1 (2021), section 3.2",
    kind="addition",
    frequency_mhz=Range(500.0, 67e3),
    distance_m=Range(250.0, math.inf),
    base_height_m=ANY,
    user_height_m=ANY,
    function=p2108.terrestrial_loss_db,
)
P2109 = Model(
    name="p2109",
    title="ITU-R P.2109, building entry loss",
    title_vi="ITU-R P.2109, suy hao xuyên vào toà nhà",
    source="Recommendation ITU-R P.2109-1 (2019)",
    kind="addition",
    frequency_mhz=Range(80.0, 100e3),
    distance_m=ANY,
    base_height_m=ANY,
    user_height_m=ANY,
    function=p2109.entry_loss_db,
)
