"""What is pulled from files, DuckDB and APIs, and how far each remembers to have been read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import ConfigurationError, OriginError
from loaders.cells import cells_of, row_of
from loaders.mapping import parse_mapping
from loaders.origins import MappedOrigin, Origin, with_variables
from loaders.pulls import Pull, open_pull
from loaders.rows import BadRow, RejectionCode, Row
from loaders.watermarks import Watermark, duration

MAPPING = parse_mapping(
    """
[source]
name = "shop"
[record]
id = "id"
[identifiers]
email = "mail"
"""
)


def pulled(watermark: str | None = None, /, **said: object) -> Pull:
    origin = Origin.model_validate({"mapping": "shop.toml", **said})
    return open_pull(MappedOrigin("shop", origin, MAPPING), watermark)


def read(pull: Pull) -> list[Row | BadRow]:
    return [row for feed in pull.feeds() for row in feed.rows]


def read_ids(pull: Pull) -> list[str]:
    return [row.values["id"] for row in read(pull) if isinstance(row, Row)]


def parquet(path: Path, *ids: int) -> None:
    pq.write_table(pa.table({"id": list(ids), "mail": [f"m{one}@example.org" for one in ids]}), path)


def test_only_files_that_changed_are_read(tmp_path: Path) -> None:
    files = {"address": str(tmp_path / "*.parquet")}
    parquet(tmp_path / "a.parquet", 1, 2)
    first = pulled(files=files)
    assert read_ids(first) == ["1", "2"]
    parquet(tmp_path / "b.parquet", 3)
    second = pulled(first.watermark(), files=files)
    assert read_ids(second) == ["3"]
    parquet(tmp_path / "a.parquet", 1, 2, 4)
    third = pulled(second.watermark(), files=files)
    assert read_ids(third) == ["1", "2", "4"]
    assert read_ids(pulled(third.watermark(), files=files)) == []
    assert [row.values["id"] for row in third.standing(None) if isinstance(row, Row)] == ["1", "2", "4", "3"]


def test_a_store_that_is_not_this_disk_is_fetched_from(tmp_path: Path) -> None:
    import fsspec

    parquet(tmp_path / "a.parquet", 1, 2)
    store = fsspec.filesystem("memory")
    store.put_file(str(tmp_path / "a.parquet"), "/lake/a.parquet")
    try:
        assert read_ids(pulled(files={"address": "memory://lake/*.parquet"})) == ["1", "2"]
    finally:
        store.rm("/lake", recursive=True)


def test_a_damaged_file_stops_the_whole(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet", 1)
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(OriginError, match=r"b\.parquet"):
        read(pulled(files={"address": str(tmp_path / "*.parquet")}))


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(OriginError, match="no files"):
        pulled(files={"address": str(tmp_path / "*.parquet")})


def test_duckdb_files_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    said = {"duckdb": {"path": path, "table": "main.orders"}, "watermark": "changed_at", "overlap": "0s"}
    with duckdb.connect(str(path)) as database:
        database.execute("CREATE TABLE orders (id INTEGER, mail TEXT, changed_at TIMESTAMPTZ)")
        database.execute(
            "INSERT INTO orders VALUES (1, 'a', '2026-01-01 00:00+00'), (2, NULL, '2026-01-02 00:00+00')"
        )
    first = pulled(**said)
    assert read_ids(first) == ["1", "2"]
    with duckdb.connect(str(path)) as database:
        database.execute("INSERT INTO orders VALUES (3, 'c', '2026-01-03 00:00+00'), (4, 'd', NULL)")
    second = pulled(first.watermark(), **said)
    assert read_ids(second) == ["2", "3", "4"]
    assert [row for row in second.standing(["id"]) if row == Row(1, {"id": "1"})]


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "shop.duckdb")):
        pass
    with pytest.raises(OriginError, match="CatalogException"):
        read(pulled(duckdb={"path": tmp_path / "shop.duckdb", "table": "orders"}))


class Api(BaseHTTPRequestHandler):
    """Two pages of objects, newer than `since`, for whoever has the token; every second answer is a 503."""

    asked: list[dict[str, list[str]]]
    failures: int

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = parse_qs(address.query)
        if self.headers["Authorization"] != "Bearer secret":
            return self.answer(401, {})
        type(self).failures -= 1
        if self.failures >= 0:
            return self.answer(503, {})
        self.asked.append(asked)
        page = int(asked.get("page", ["1"])[0])
        items = [
            {"id": page, "contact": {"mail": f"m{page}@example.org"}, "at": f"2026-01-0{page}T00:00:00Z"},
            {"id": page + 10, "at": None, "name": "\ud800"},
        ]
        return self.answer(200, {"data": items, "next": f"{self.base()}?page=2" if page == 1 else None})

    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/orders"

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def api() -> Iterator[str]:
    Api.asked, Api.failures = [], 0
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def rest(address: str) -> dict[str, object]:
    return {
        "rest": {
            "client": {"base_url": address, "auth": {"type": "bearer", "token": "${SHOP_TOKEN}"}},
            "endpoint": {
                "path": "orders",
                "data_selector": "data",
                "paginator": {"type": "json_link", "next_url_path": "next"},
            },
            "since": "since",
        },
        "watermark": "at",
        "overlap": "1h",
    }


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "secret")


@pytest.mark.usefixtures("token")
def test_an_api_is_followed_page_by_page(api: str) -> None:
    first = pulled(**rest(api))
    rows = read(first)
    assert [row.values for row in rows if isinstance(row, Row)] == [
        {"id": "1", "contact.mail": "m1@example.org", "at": "2026-01-01T00:00:00Z"},
        {"id": "2", "contact.mail": "m2@example.org", "at": "2026-01-02T00:00:00Z"},
    ]
    assert [row.code for row in rows if isinstance(row, BadRow)] == [RejectionCode.LONE_SURROGATE] * 2
    read(pulled(first.watermark(), **rest(api)))
    assert [one.get("since") for one in Api.asked] == [None, None, ["2026-01-01T23:00:00Z"], None]


@pytest.mark.usefixtures("token")
def test_an_api_that_is_busy_is_asked_again(api: str) -> None:
    Api.failures = 1
    assert len(read(pulled(**rest(api)))) == 4


def test_an_api_that_refuses_is_told_without_its_answer(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "wrong")
    with pytest.raises(OriginError, match="HTTPError") as caught:
        read(pulled(**rest(api)))
    assert "wrong" not in str(caught.value)


_LISTENING = """
import sys
calls = []
sys.addaudithook(lambda event, args: calls.append(args[1]) if event == "socket.connect" else None)
sys.argv = ["", sys.argv[1]]
from tests.loaders.test_pulls import pulled, read, rest
read(pulled(**rest(sys.argv[1])))
strangers = [one for one in calls if not (isinstance(one, tuple) and one[0] == "127.0.0.1")]
print(len(calls) > 0, strangers)
"""


@pytest.mark.usefixtures("token")
def test_nobody_but_the_api_is_called(api: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LISTENING, api],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "True []", done.stderr


def test_the_command_line_does_not_load_what_only_a_sync_needs() -> None:
    extras = ("aiokafka", "dlt", "fsspec", "sqlalchemy")
    said = f"import sys, api.cli, loaders.syncs; print([name for name in {extras} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


_VALUES = st.one_of(
    st.integers(),
    st.text(),
    st.dates(max_value=datetime(2025, 1, 1).date()),  # noqa: DTZ001 - a day
    st.decimals(allow_nan=False, allow_infinity=False),
    st.datetimes(max_value=datetime(2025, 1, 1), timezones=st.sampled_from([None, UTC])),  # noqa: DTZ001 - both kinds
)


@given(_VALUES)
def test_a_watermark_is_kept_as_it_was(value: object) -> None:
    mark = Watermark("at")
    mark.note(value)
    again = Watermark.decoded("at", mark.encoded())
    assert again.since == value
    assert type(again.since) is type(value)


def test_what_has_no_order_is_no_watermark() -> None:
    mark = Watermark("at")
    for value in (None, float("nan"), True, [1], datetime.now(UTC) + timedelta(days=2)):
        mark.note(value)
    assert mark.encoded() is None


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400)])
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "5 m", "-5m", "1w"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="30s"):
        duration(text)


def test_a_variable_that_is_not_set_is_told() -> None:
    with pytest.raises(ConfigurationError, match="ONEFOLD_NOT_SET"):
        with_variables({"client": ["${ONEFOLD_NOT_SET}"]})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"sql": {"address": "a", "table": "b"}, "duckdb": {"path": "a", "table": "b"}},
        {"files": {"address": "a"}, "watermark": "at"},
        {"sql": {"address": "a", "table": "b"}, "overlap": "soon"},
        {"sql": {"address": "a"}},
    ],
)
def test_origins_that_cannot_be(said: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Origin.model_validate({"mapping": "shop.toml", **said})


def test_values_become_texts() -> None:
    noon = datetime.fromisoformat("2026-01-01T12:00:00+01:00")
    assert cells_of({"a": noon, "b": 2.0, "c": True, "d": None, "e": memoryview(b"x"), "f": " y "}) == {
        "a": "2026-01-01T11:00:00+00:00",
        "b": "2",
        "c": "true",
        "e": "x",
        "f": "y",
    }
    assert isinstance(row_of(1, {"a": "\0"}), BadRow)
