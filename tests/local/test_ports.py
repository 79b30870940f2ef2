import pytest

from local.ports import BLOCKED, another


@pytest.mark.parametrize("port", [0, 80, 443, 3000, 5000, 5001, 8000, 8080, 65535])
def test_browsers_open_a_page_on_the_usual_ports(port):
    assert port not in BLOCKED


@pytest.mark.parametrize(
    ("port", "instead"), [(5000, 5001), (5059, 5062), (6000, 6001), (6665, 6670), (65535, 65534)]
)
def test_another_port_is_one_that_browsers_open(port, instead):
    assert another(port) == instead
