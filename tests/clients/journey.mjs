// The whole journey of a client that knows one URL: discovery, registration, sign-in, token,
// a tool call with the official SDK, and forty refreshes of one refresh token.
//
//   node journey.mjs http://localhost:3000/mcp

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import * as oauth from "oauth4webapi";

import { Person } from "./person.mjs";

const resource = new URL(process.argv[2] ?? "http://localhost:3000/mcp");
const redirectUri = "http://127.0.0.1:33418/callback";
// The server is on this machine, over HTTP.
const insecure = { [oauth.allowInsecureRequests]: true };

const as = await discover();
console.log(`issuer          ${as.issuer}`);
const client = await register();
console.log(`registered      ${client.client_id.length} characters of client id`);
const tokens = await authorize();
console.log(`signed in       scope "${tokens.scope}", ${tokens.expires_in} s`);
console.log(`add 23 + 19     ${await callAdd(tokens.access_token)}`);
await refreshFortyTimes(tokens.refresh_token);

async function discover() {
  const challenged = await fetch(resource, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  assert.equal(challenged.status, 401);
  const [, metadataUrl] = /resource_metadata="([^"]+)"/.exec(challenged.headers.get("www-authenticate"));
  const described = await (await fetch(metadataUrl)).json();
  assert.equal(described.resource, resource.href);
  const issuer = new URL(described.authorization_servers[0]);
  const answer = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  return oauth.processDiscoveryResponse(issuer, answer);
}

async function register() {
  const metadata = {
    client_name: "A scripted client",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  };
  const answer = await oauth.dynamicClientRegistrationRequest(as, metadata, insecure);
  return oauth.processDynamicClientRegistrationResponse(answer);
}

async function authorize() {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: "mcp:tools profile offline_access",
    state,
    resource: resource.href,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const back = await new Person().signIn(url, redirectUri);
  // Checks `state`, and `iss` as RFC 9207 asks where it is advertised.
  const parameters = oauth.validateAuthResponse(as, client, back, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    as, client, oauth.None(), parameters, redirectUri, verifier,
    { ...insecure, additionalParameters: { resource: resource.href } },
  );
  return oauth.processAuthorizationCodeResponse(as, client, answer);
}

async function callAdd(accessToken) {
  const requestInit = { headers: { authorization: `Bearer ${accessToken}` } };
  const mcp = new Client({ name: "scripted", version: "1.0.0" });
  await mcp.connect(new StreamableHTTPClientTransport(resource, { requestInit }));
  const { tools } = await mcp.listTools();
  assert(tools.some((tool) => tool.name === "add"));
  const called = await mcp.callTool({ name: "add", arguments: { a: 23, b: 19 } });
  await mcp.close();
  assert.equal(called.content[0].text, "42");
  return called.content[0].text;
}

async function refreshFortyTimes(refreshToken) {
  const refresh = async () => {
    const answer = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refreshToken, insecure);
    return oauth.processRefreshTokenResponse(as, client, answer);
  };
  const twenty = () => Promise.all(Array.from({ length: 20 }, refresh));
  const first = await twenty();
  await wait(500);
  const all = [...first, ...(await twenty())];
  const successors = new Set(all.map((answer) => answer.refresh_token));
  console.log(`refreshed       ${all.length} successes, ${successors.size} successor`);
  assert.equal(all.length, 40);
  assert.equal(successors.size, 1);
  const [successor] = successors;
  const next = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), successor, insecure);
  await oauth.processRefreshTokenResponse(as, client, next);
  console.log("successor       works");
}
