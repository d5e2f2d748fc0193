"""An application that is written with the official SDK for Python, in either major release.

It does what each line of its standard input asks for, and answers with a line of JSON:

    python application.py http://127.0.0.1:3000/mcp auto ""

The last argument is the scope that it signs in for at first, instead of what the server asks for.
"""

import asyncio
import json
import sys
import webbrowser
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

MODERN = not version("mcp").startswith("1.")
if MODERN:
    from mcp import Client
    from mcp.shared.auth import AuthorizationCodeResult


class Account:
    """What the application keeps for the SDK, in a file of its user's."""

    file = Path.home() / "account.json"

    async def get_tokens(self):
        return self.kept("tokens", OAuthToken)

    async def set_tokens(self, tokens):
        self.keep("tokens", tokens)

    async def get_client_info(self):
        return self.kept("client", OAuthClientInformationFull)

    async def set_client_info(self, client):
        self.keep("client", client)

    def everything(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def kept(self, name, model):
        value = self.everything().get(name)
        return value and model.model_validate(value)

    def keep(self, name, value):
        kept = {name: value.model_dump(mode="json", exclude_none=True)}
        self.file.write_text(json.dumps(self.everything() | kept))


class Door:
    """Where the browser comes back to."""

    def __init__(self, scope):
        self.scope = scope
        self.arrivals = asyncio.Queue()

    async def open(self):
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"

    async def answer(self, reader, writer):
        target = (await reader.readline()).split()[1].decode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()
        parameters = parse_qs(urlsplit(target).query)
        await self.arrivals.put({name: values[0] for name, values in parameters.items()})

    async def send_person(self, url):
        if self.scope:
            parts = urlsplit(url)
            asked = dict(parse_qsl(parts.query)) | {"scope": self.scope}
            url = parts._replace(query=urlencode(asked)).geturl()
            self.scope = ""
        await asyncio.to_thread(webbrowser.open, url)

    async def arrival(self):
        came = await self.arrivals.get()
        return AuthorizationCodeResult(**came) if MODERN else (came["code"], came["state"])


@asynccontextmanager
async def connected(url, era, auth):
    """A client that is connected, and the revision of the protocol that it speaks."""
    async with create_mcp_http_client(auth=auth) as http:
        transport = streamable_http_client(url, http_client=http)
        if MODERN:
            async with Client(transport, mode=era) as client:
                yield client, client.protocol_version
        else:
            async with transport as (reads, writes, _), ClientSession(reads, writes) as session:
                yield session, (await session.initialize()).protocolVersion


async def do(client, what):
    match what:
        case "tools":
            return [tool.name for tool in (await client.list_tools()).tools]
        case "add":
            called = await client.call_tool("add", {"a": 23, "b": 19})
            return called.content[0].text


async def serve(client, revision):
    async def answer(id, what):
        result = revision if what == "revision" else await do(client, what)
        print(json.dumps({"id": id, "result": result}), flush=True)

    async with asyncio.TaskGroup() as tasks:
        while line := await asyncio.to_thread(sys.stdin.readline):
            tasks.create_task(answer(**json.loads(line)))


async def main(url, era, scope):
    door = Door(scope)
    await door.open()
    metadata = OAuthClientMetadata(
        client_name="An application in Python",
        redirect_uris=[door.url],
        token_endpoint_auth_method="none",
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
    )
    auth = OAuthClientProvider(url, metadata, Account(), door.send_person, door.arrival)
    async with connected(url, era, auth) as (client, revision):
        await serve(client, revision)


asyncio.run(main(*sys.argv[1:]))
