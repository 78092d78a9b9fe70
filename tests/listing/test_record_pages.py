"""The pages of records ask the database for no more than they show."""

import pytest

pytestmark = pytest.mark.django_db

#: The busiest page of each list in the paper's own data, and the questions it may ask: a row of a table is never one.
BUSIEST = {
    "/organisations/automotive-bw/": 7,
    "/sectors/biomass/": 12,
    "/countries/JP/": 11,
    "/regions/FRK/": 7,
    "/programmes/escp-4i/": 18,
    "/indicators/pharmaceutical-market-jp/": 8,
    "/observations/energy-self-sufficiency-jp.2010/": 11,
    "/measures/smart-meter-roll-out/": 7,
    "/partnerships/life-science-nord-kobe/": 22,
    "/agreements/france-japan-technical-textiles-moc-2018/": 7,
    "/activities/bio-europe-matchmaking-2016/": 7,
    "/participations/jetro-rit-2016-yonezawa-organic-electronics-saxony/": 5,
    "/sources/yonezawa-joint-committee-website/": 7,
    "/citations/activity.aeromart-nagoya-2017.countries.1/": 4,
}


@pytest.mark.parametrize("address", BUSIEST)
def test_the_page_of_a_record_asks_few_questions(registry, client, address, django_assert_max_num_queries):
    assert client.get(address).status_code == 200  # the lists it reads are held from here on
    with django_assert_max_num_queries(BUSIEST[address]):
        client.get(address)
