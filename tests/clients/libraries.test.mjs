// Two OAuth libraries that strangers use, as every kind of client, on the host that the environment
// variable ISSUER names.
//
// Invariant: a library does everything by itself; only the person at the browser is scripted.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { byMethod, credentials, metadata, stolen } from "./libraries/credentials.mjs";
import { Oauth4webapi } from "./libraries/oauth4webapi.mjs";
import { OpenidClient } from "./libraries/openid-client.mjs";
import { Person } from "./person.mjs";

const { ISSUER } = process.env;
const LIBRARIES = [OpenidClient, Oauth4webapi];

const resource = `${ISSUER}/mcp`;
const redirect_uri = "http://127.0.0.1:33418/callback";
const visit = (url) => new Person().signIn(url, redirect_uri);

const OF_PEOPLE = { redirect_uri, resource, scope: "mcp:tools profile offline_access" };
const OF_A_SERVICE = { resource, scope: "mcp:tools" };

/** A resource server of the operator, which may look into every token. */
const observer = await Oauth4webapi.known(ISSUER, byMethod("client_secret_basic"));

/** What the MCP endpoint answers to somebody who calls with this token. */
async function called(token) {
  const answer = await fetch(resource, {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "library", version: "1" } },
    }),
  });
  return answer.status;
}

/** A gateway that has seen a grant alive may believe in it for five seconds. */
async function ended(token) {
  const deadline = Date.now() + 5_500;
  while ((await called(token)) !== 401) {
    assert.ok(Date.now() < deadline, "the token is taken for longer than a mark may be unread");
    await wait(250);
  }
}

/** Signs in, refreshes, ends one access token and then all of the grant. */
async function lives(client) {
  const first = await client.signIn(visit, OF_PEOPLE);
  assert.equal(first.scope, "mcp:tools offline_access profile");
  assert.equal(await called(first.access_token), 200);

  const next = await client.refresh(first.refresh_token);
  assert.notEqual(next.refresh_token, first.refresh_token);
  const seen = await observer.introspect(next.access_token);
  assert.equal(seen.active, true);
  assert.deepEqual([seen.client_id, seen.sub, seen.aud, seen.iss], [client.id, "dev:ada", resource, ISSUER]);

  await client.revoke(next.access_token);
  await ended(next.access_token);
  assert.deepEqual(await observer.introspect(next.access_token), { active: false });

  const last = await client.refresh(next.refresh_token);
  await client.revoke(last.refresh_token);
  await assert.rejects(client.refresh(last.refresh_token), { error: "invalid_grant" });
  for (const token of [last.access_token, last.refresh_token]) {
    assert.deepEqual(await observer.introspect(token), { active: false });
  }
  await ended(last.access_token);
}

/** Has tokens of its own, looks into one, and ends it. */
async function serves(client) {
  const token = await client.clientCredentials(OF_A_SERVICE);
  assert.equal(token.scope, OF_A_SERVICE.scope);
  assert.equal(token.refresh_token, undefined);
  assert.equal(await called(token.access_token), 200);

  const seen = await client.introspect(token.access_token);
  assert.equal(seen.active, true);
  assert.deepEqual([seen.client_id, seen.aud, seen.scope], [client.id, resource, OF_A_SERVICE.scope]);

  await client.revoke(token.access_token);
  assert.deepEqual(await client.introspect(token.access_token), { active: false });
}

function stories(Library, credential) {
  const how = `${Library.library}, ${credential.algorithm ?? credential.method}`;

  test(`a client that registers itself lives a whole life: ${how}`, async () => {
    const wanted = { client_name: Library.library, redirect_uris: [redirect_uri], ...metadata(credential) };
    // It is told a secret of its own.
    await lives(await Library.register(ISSUER, wanted, { ...credential, secret: undefined }));
  });

  if (credential.method === "none") return;

  test(`a client that is written down lives a whole life: ${how}`, async () => {
    await lives(await Library.known(ISSUER, credential));
  });

  test(`a service has tokens of its own: ${how}`, async () => {
    await serves(await Library.known(ISSUER, credential));
  });

  test(`a service with another's proof is not known: ${how}`, async () => {
    const thief = await Library.known(ISSUER, stolen(credential));
    const steps = [thief.clientCredentials(OF_A_SERVICE), thief.introspect("any"), thief.revoke("any")];
    await Promise.all(steps.map((step) => assert.rejects(step, { status: 401 })));
  });
}

describe("each library as each kind of client", { concurrency: 16 }, () => {
  for (const Library of LIBRARIES) {
    for (const credential of [{ method: "none" }, ...credentials]) stories(Library, credential);
  }
});
