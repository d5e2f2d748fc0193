// The official SDK over HTTP with SSE: its own sign-in, its own refresh, and a stream that is lost.
//
//   node sse.mjs http://localhost:3000/sse

import assert from "node:assert/strict";

import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";

import { Person } from "./person.mjs";

const resource = new URL(process.argv[2] ?? "http://localhost:3000/sse");
const redirectUrl = "http://127.0.0.1:33418/callback";

// What an application keeps for the SDK.
const kept = {};
const authProvider = {
  redirectUrl,
  clientMetadata: {
    client_name: "A client of 2024-11-05",
    redirect_uris: [redirectUrl],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => { kept.client = client; },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => { kept.tokens = tokens; },
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
  redirectToAuthorization: (url) => { kept.authorization = url; },
};

await signIn();
console.log("signed in       for", resource.pathname);
const { client, transport } = await connect();
const { tools } = await client.listTools();
assert(tools.some((tool) => tool.name === "add"));
console.log(`add 23 + 19     ${await add(client)}`);

// A token that the server does not take any more is refreshed by the SDK, on the same stream.
kept.tokens = { ...kept.tokens, access_token: "over" };
console.log(`refreshed       ${await add(client)}`);
await transport.close();

const again = await connect();
console.log(`another stream  ${await add(again.client)}`);
await again.client.close();

async function signIn() {
  const transport = new SSEClientTransport(resource, { authProvider });
  await assert.rejects(new Client({ name: "sse", version: "1.0.0" }).connect(transport), UnauthorizedError);
  const back = await new Person().signIn(kept.authorization, redirectUrl);
  await transport.finishAuth(back.searchParams.get("code"));
  await transport.close();
}

async function connect() {
  const client = new Client({ name: "sse", version: "1.0.0" });
  const transport = new SSEClientTransport(resource, { authProvider });
  await client.connect(transport);
  return { client, transport };
}

async function add(client) {
  const called = await client.callTool({ name: "add", arguments: { a: 23, b: 19 } });
  return called.content[0].text;
}
