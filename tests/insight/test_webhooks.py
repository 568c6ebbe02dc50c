"""One attempt to send, against receivers that behave badly."""

import asyncio

import pytest

from insight.webhooks import Sender
from tests.insight.receiver import SECRET, receiving, status


@pytest.fixture
async def sender():
    one = Sender()
    yield one
    await one.close()


async def test_a_message_arrives_signed(sender):
    async with receiving() as receiver:
        answer = await sender.send(receiver.url, SECRET, "m1", b'{"a": "\xc3\xa9"}', 10)
    assert answer.arrived
    assert (receiver.heard, receiver.ids) == ([{"a": "é"}], ["m1"])


async def test_a_redirect_is_not_followed(sender):
    async with receiving() as other, receiving(status(307, f"location: {other.url}")) as receiver:
        answer = await sender.send(receiver.url, SECRET, "m1", b"{}", 10)
        assert (answer.status, answer.arrived, other.heard) == (307, False, [])


async def test_the_receiver_says_when_to_come_back(sender):
    async with receiving(status(503, "retry-after: 120")) as receiver:
        assert (await sender.send(receiver.url, SECRET, "m1", b"{}", 10)).retry_seconds == 120
    async with receiving(status(503, "retry-after: " + "9" * 400)) as receiver:
        assert (await sender.send(receiver.url, SECRET, "m1", b"{}", 10)).retry_seconds == 86_400


async def test_an_endless_answer_is_cut(sender):
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 900000000\r\n\r\n" + b"x" * 200_000
    async with receiving(endless) as receiver:
        assert (await sender.send(receiver.url, SECRET, "m1", b"{}", 10)).status == 200


async def test_what_is_no_http_or_nobody_is_said_in_a_word(sender):
    async with receiving(b"SSH-2.0-OpenSSH\r\n\r\n") as receiver:
        assert (await sender.send(receiver.url, SECRET, "m1", b"{}", 10)).error == "no_http"
    assert (await sender.send(receiver.url, SECRET, "m1", b"{}", 10)).error == "not_reached"


async def test_a_silent_receiver_is_not_waited_for(sender):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        answer = await sender.send(f"http://127.0.0.1:{port}/", SECRET, "m1", b"{}", 0.3)
    assert answer.error == "timeout"


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/latest/meta-data", "https://[fe80::1]/", "http://0.0.0.0:1/"]
)
async def test_unsafe_addresses_are_not_spoken_to(sender, url):
    assert (await sender.send(url, SECRET, "m1", b"{}", 5)).error == "address_not_allowed"
