"""Drafts of files nobody has described: what each column is taken for, and that the truth never is."""

from pathlib import Path

import pytest

from loaders.drafting import draft_mapping
from loaders.mapping import KindMapping, Mapping, check_columns, parse_mapping
from loaders.reading import open_rows
from loaders.synonyms import TRUTH, concept_of, words_of

EXAMPLES = Path(__file__).parents[2] / "examples"


def drafted(tmp_path: Path, name: str, text: str) -> Mapping:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return parse_mapping(draft_mapping(path))


def attribute_columns(mapping: Mapping) -> dict[str, str]:
    return {name: "+".join(spec.columns) for name, spec in mapping.attributes.items()}


def identifier_columns(mapping: Mapping) -> dict[str, str]:
    return {name: "+".join(spec.columns) for name, spec in mapping.identifiers.items()}


def test_german_columns(tmp_path: Path) -> None:
    mapping = drafted(
        tmp_path,
        "kunden.csv",
        "Kundennr;Anrede;Vorname;Nachname;Straße;Hausnr;PLZ;Ort;Geburtsdatum;E-Mail;Telefon\n"
        "K-1;Herr;Jörg;Müller;Hauptstraße;12a;80331;München;03.04.1975;j@web.de;+49 89 123456\n"
        "K-2;Frau;Anna;Schmidt;Bahnhofstr.;3;10115;Berlin;23.11.1982;a@gmx.de;030 9876543\n",
    )
    assert mapping.record.id == ("Kundennr",)
    assert attribute_columns(mapping) | {"anrede": ""} == {
        "given_name": "Vorname", "surname": "Nachname", "house_number": "Hausnr", "street": "Straße", "city": "Ort",
        "postcode": "PLZ", "birth_date": "Geburtsdatum", "anrede": "",
    }  # fmt: skip
    assert mapping.attributes["birth_date"].order == "dmy"
    assert identifier_columns(mapping) == {"email": "E-Mail", "phone": "Telefon"}
    assert mapping.identifiers["phone"].country == "DE"


def test_a_name_beside_a_surname_is_the_given_name(tmp_path: Path) -> None:
    mapping = drafted(
        tmp_path,
        "clientes.csv",
        "id,nombre,apellidos,fecha_nacimiento,correo,direccion,ciudad\n"
        '1,José,García López,21/03/1980,j@e.es,"Calle Mayor 5, 2º",Madrid\n'
        "2,Ana,Ruiz,01/12/1979,a@e.es,Gran Via 1,Jaén\n",
    )
    assert {"given_name": "nombre", "surname": "apellidos"}.items() <= attribute_columns(mapping).items()
    assert {"street_line": "direccion", "city": "ciudad"}.items() <= attribute_columns(mapping).items()


def test_header_with_blanks_and_quotes(tmp_path: Path) -> None:
    mapping = drafted(
        tmp_path,
        "p.csv",
        '"rec_id", given_name, "surname", date_of_birth\nr1, ann, lee, 19560409\nr2, bob, roe, 19080419\n',
    )
    assert mapping.record.id == ("rec_id",)
    assert attribute_columns(mapping) == {
        "given_name": "given_name", "surname": "surname", "birth_date": "date_of_birth",
    }  # fmt: skip


def test_a_file_without_header(tmp_path: Path) -> None:
    mapping = drafted(
        tmp_path, "p.csv", "1,Ann,Lee,ann@lee.com\n2,Bob,Roe,bob@roe.com\n3,Kate,Day,kate@day.com\n"
    )
    assert mapping.file.header is False
    assert mapping.record.id == ("column_1",)
    assert attribute_columns(mapping) == {"given_name": "column_2", "surname": "column_3"}
    assert identifier_columns(mapping) == {"email": "column_4"}


def test_birth_dates_in_parts_and_words_for_missing_cells(tmp_path: Path) -> None:
    mapping = drafted(
        tmp_path,
        "p.csv",
        "fname_c1,fname_c2,lname_c1,lname_c2,by,bm,bd,ent_id\nCARSTEN,NA,MEIER,NA,1949,7,22,34\n"
        "GERD,UWE,BAUER,NA,1968,7,27,51\nROBERT,NA,HARTMANN,NA,1930,4,30,115\n",
    )
    assert mapping.attributes["birth_date"].columns == ("by", "bm", "bd")
    assert mapping.attributes["given_name"].columns == ("fname_c1", "fname_c2")
    assert mapping.file.missing == ("NA",)
    assert mapping.record.id == ("content",)


def test_companies_and_people_in_one_file(tmp_path: Path) -> None:
    mapping = drafted(
        tmp_path,
        "crm.csv",
        "contact_id,company,firstName,lastName,emailAddress,mobilePhone,workPhone,isDeleted,createdAt\n"
        "1,,Ann,Lee,ann@lee.com,(212) 555-0101,,false,2020-01-01\n"
        "2,Acme Inc,,,x@acme.com,,212-555-0199,true,2020-02-01\n",
    )
    assert mapping.record.kind == "auto"
    assert mapping.record.observed_at == "createdAt"
    assert mapping.record.deleted is not None
    assert mapping.record.deleted.values == ("true",)
    assert identifier_columns(mapping) == {"email": "emailAddress", "phone": "mobilePhone+workPhone"}


def test_short_customer_numbers_link_within_their_source_only(tmp_path: Path) -> None:
    mapping = drafted(tmp_path, "shop.csv", "id,name,customer_id\n1,Ann Lee,7\n2,Ann Lee,7\n3,Bob Roe,8\n")
    assert mapping.identifiers["customer_number"].namespace == "shop"


def test_an_event_stream(tmp_path: Path) -> None:
    mapping = drafted(
        tmp_path,
        "web.ndjson",
        '{"type": "track", "event": "View", "messageId": "m1", "anonymousId": "a", "timestamp": "2025-01-01T10:00Z"}\n'
        '{"type": "page", "messageId": "m2", "anonymousId": "a", "userId": "u", "timestamp": "2025-01-01T10:01Z"}\n',
    )
    assert mapping.record.first_of == ("userId", "anonymousId")
    assert mapping.touchpoint is not None
    assert (mapping.touchpoint.id, mapping.touchpoint.type) == (("messageId",), "type")
    assert mapping.source.authenticated is False


def test_orders_of_customers_known_by_email(tmp_path: Path) -> None:
    mapping = drafted(
        tmp_path,
        "orders.csv",
        "order_id,order_date,customer_email,first_name,amount\n1,2024-01-02 10:00,a@b.com,Ann,10.5\n"
        "2,2024-01-03 10:00,a@b.com,Ann,20\n3,2024-01-04 10:00,c@d.com,Cy,20\n",
    )
    assert mapping.record.first_of == ("customer_email",)
    assert mapping.touchpoint is not None
    assert mapping.touchpoint.revenue == "amount"
    assert attribute_columns(mapping) == {"given_name": "first_name"}


@pytest.mark.parametrize(
    "name",
    ["cluster", "Cluster_ID", "person_id", "personId", "truth", "true_id", "entity_id", "household_id", "label",
     "is_match", "gold_cluster", "duplicate_of", "ent_id", "ground_truth", "PersonKey", "household"],
)  # fmt: skip
def test_what_looks_like_an_answer_is_left_out(name: str, tmp_path: Path) -> None:
    assert concept_of(name)[0] == TRUTH
    path = tmp_path / "people.csv"
    path.write_text(f"{name},first_name,surname\n1,Ann,Lee\n2,Bob,Roe\n3,Kim,Day\n")
    text = draft_mapping(path)
    assert name not in {column for column, _ in parse_mapping(text).columns()}
    assert f"#   {name}: looks like an answer" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EMailAddress2", "e mail address 2"),
        ("firstName", "first name"),
        ("PRIMARY_NAME_LAST", "primary name last"),
        ("user.traits.Straße", "strasse"),
        ("addressLine1", "address line 1"),
    ],
)
def test_words_of_a_name(name: str, words: str) -> None:
    assert " ".join(words_of(name)) == words


SETS = sorted(path for path in EXAMPLES.glob("*/*.*") if path.suffix in {".csv", ".parquet"})


@pytest.mark.parametrize("path", SETS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_example_file_gets_a_mapping_that_fits_it(path: Path) -> None:
    mapping = parse_mapping(draft_mapping(path))
    opened = open_rows(path, header=mapping.file.header)
    check_columns(mapping, opened.columns or [])
    used = {column for column, _ in mapping.columns()}
    assert not used & {"cluster", "person_id", "household_id", "CLUSTER_ID"}


def test_the_truth_set_is_read_well() -> None:
    mapping = parse_mapping(draft_mapping(EXAMPLES / "senzing_truthset" / "customers.csv"))
    assert mapping.source.column == "DATA_SOURCE"
    assert isinstance(mapping.record.kind, KindMapping)
    assert mapping.attributes["birth_date"].order == "mdy"
    assert {
        "email",
        "phone",
        "ssn",
        "passport",
        "driving_licence",
        "national_id",
    } == mapping.identifiers.keys()
