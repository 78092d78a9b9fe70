"""The pages of records ask the database for no more than they show."""

import pytest

pytestmark = pytest.mark.django_db

#: The busiest page of each list in the paper's own data, and the questions it may ask: a row of a table is never one.
BUSIEST = {
    "/organisations/automotive-bw/": 6,
    "/sectors/biomass/": 11,
    "/countries/JP/": 10,
    "/regions/FRK/": 6,
    "/programmes/escp-4i/": 17,
    "/indicators/pharmaceutical-market-jp/": 7,
    "/observations/energy-self-sufficiency-jp.2010/": 10,
    "/measures/smart-meter-roll-out/": 6,
    "/partnerships/life-science-nord-kobe/": 21,
    "/agreements/france-japan-technical-textiles-moc-2018/": 6,
    "/activities/bio-europe-matchmaking-2016/": 6,
    "/participations/jetro-rit-2016-yonezawa-organic-electronics-saxony/": 4,
    "/sources/yonezawa-joint-committee-website/": 6,
    "/citations/activity.aeromart-nagoya-2017.countries.1/": 3,
}


@pytest.mark.parametrize("address", BUSIEST)
def test_the_page_of_a_record_asks_few_questions(registry, client, address, django_assert_max_num_queries):
    assert client.get(address).status_code == 200  # the lists it reads are held from here on
    with django_assert_max_num_queries(BUSIEST[address]):
        client.get(address)
