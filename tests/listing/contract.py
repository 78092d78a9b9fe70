"""The promise made to readers, as it stands in print: lists, columns in order, filter words. Held by the tests."""

#: Column names of each list in their order; ``*``: may hold several values, ``…``: more may stand there.
COLUMNS = {
    "partnerships": "id title stage started ended european_countries* partner_countries* european_regions* "
    "partner_regions* european_organisations* partner_organisations* sectors* programmes* agreement_types* "
    "latest_agreement_signed good_practice source_count verified_on url",
    "organisations": "id name native_name aliases* kind countries* region_codes* regions* sectors* website "
    "partnership_count verified_on url",
    "agreements": "id title type level parties* countries* regions* sectors* partnership signed duration_months "
    "ends status supersedes verified_on url",
    "activities": "id title kind state started ended place countries* partnership organisations* url",
    "programmes": "id name acronym kind jurisdiction administrator started ended parent "
    "supports_internationalisation partnership_count url",
    "participations": "id programme edition strand consortium partnership countries* target_countries* started "
    "renewed url",
    "indicators": "id name sector area unit first_period last_period latest_value latest_value_low "
    "latest_value_high latest_period url",
    "observations": "id indicator sector area period value value_low value_high unit kind source locator url",
    "measures": "id title kind countries* sectors* dated status url",
    "sources": "id title publisher dated consulted_on document_url cited_through citation_count url",
    "citations": "id record_kind record field stated_value rank reason source locator quote url",
    "sectors": "id name native_name parent … url",
    "countries": "id name native_name parent … url",
    "regions": "id name native_name parent … url",
}

#: Filter words and the lists that take them; every list takes those of ``*``.
WORDS = {
    "q as_of": "*",
    "sector": "partnerships organisations agreements indicators observations measures",
    "country": "partnerships organisations agreements activities participations measures",
    "area": "indicators observations",
    "european_country partner_country european_region partner_region": "partnerships",
    "region": "partnerships organisations agreements",
    "organisation": "partnerships agreements activities participations",
    "programme edition strand target_country": "partnerships participations",
    "stage good_practice agreement agreement_status": "partnerships",
    "type level status": "agreements",
    "kind": "organisations activities programmes observations measures",
    "indicator source period_from period_to": "observations",
    "rank record_kind record source": "citations",
    "started_from started_to": "partnerships activities",
    "signed_from signed_to": "agreements",
    "eu": "partnerships organisations participations",
}


def words_of(name: str) -> set[str]:
    """The filter words that the list ``name`` must take."""
    return {word for words, lists in WORDS.items() if lists == "*" or name in lists.split() for word in words.split()}
