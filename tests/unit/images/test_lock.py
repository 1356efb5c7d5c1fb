"""The lock names the one wheel that the image's Python takes."""

import pytest

from sandbox_operator.images.lock import one_wheel_each


def package(*wheels: str) -> dict[str, object]:
    return {
        "name": "thing",
        "version": "1.0",
        "wheels": [{"url": f"place/{name}", "hashes": {"sha256": name}} for name in wheels],
    }


@pytest.mark.parametrize(
    ("wheels", "chosen"),
    [
        (["thing-1.0-py3-none-any.whl"], "thing-1.0-py3-none-any.whl"),
        (
            ["thing-1.0-py3-none-any.whl", "thing-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"],
            "thing-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        ),
        (
            ["thing-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "thing-1.0-cp39-abi3-manylinux_2_28_x86_64.whl"],
            "thing-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
        ),
        (
            ["thing-1.0-cp312-cp312-manylinux_2_28_x86_64.whl", "thing-1.0-cp311-cp311-manylinux2014_x86_64.whl"],
            "thing-1.0-cp311-cp311-manylinux2014_x86_64.whl",
        ),
    ],
)
def test_the_best_wheel_is_chosen(wheels: list[str], chosen: str) -> None:
    lock = one_wheel_each({"packages": [package(*wheels)]}, "3.11", "x86_64-manylinux_2_36")
    assert lock == f"thing==1.0 \\\n    --hash=sha256:{chosen}\n"


@pytest.mark.parametrize(
    "wheel",
    ["thing-1.0-cp312-cp312-manylinux_2_28_x86_64.whl", "thing-1.0-cp311-cp311-manylinux_2_39_x86_64.whl"],
)
def test_a_package_without_a_fitting_wheel_stops_the_lock(wheel: str) -> None:
    with pytest.raises(SystemExit, match=r"thing 1\.0 has no wheel"):
        one_wheel_each({"packages": [package(wheel)]}, "3.11", "x86_64-manylinux_2_36")
