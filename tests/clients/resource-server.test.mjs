// A resource server elsewhere: it knows the issuer alone, and verifies access tokens by itself
// (RFC 9068 section 4) with the keys that are published, on the host that ISSUER names.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";

import { Oauth4webapi } from "./libraries/oauth4webapi.mjs";
import { Person } from "./person.mjs";

const { ISSUER } = process.env;
const audience = `${ISSUER}/mcp`;
const redirect_uri = "http://127.0.0.1:33418/callback";
const SCOPE = "mcp:tools offline_access profile";
// The server is on this machine, over HTTP.
const INSECURE = { [oauth.allowInsecureRequests]: true };

let as;
let client;
let token;
let keys;

before(async () => {
  const wanted = { client_name: "A resource server", redirect_uris: [redirect_uri], token_endpoint_auth_method: "none" };
  client = await Oauth4webapi.register(ISSUER, wanted, { method: "none" });
  const visit = (url) => new Person().signIn(url, redirect_uri);
  const tokens = await client.signIn(visit, { redirect_uri, resource: audience, scope: SCOPE });
  token = tokens.access_token;
  as = client.as;
  keys = createRemoteJWKSet(new URL(as.jwks_uri));
});

function verify(text, more = {}) {
  return jwtVerify(text, keys, { issuer: as.issuer, audience, typ: "at+jwt", clockTolerance: 5, ...more });
}

test("jose verifies an access token with the published keys", async () => {
  const requiredClaims = ["iss", "aud", "client_id", "sub", "exp", "iat", "jti"];
  const { payload } = await verify(token, { requiredClaims });
  assert.equal(payload.sub, "dev:ada");
  assert.equal(payload.client_id, client.id);
  assert.equal(payload.scope, SCOPE);
  assert.ok(payload.exp > payload.iat && payload.exp - payload.iat <= 3600);
});

test("oauth4webapi takes a request with it", async () => {
  const request = new Request(audience, { headers: { authorization: `Bearer ${token}` } });
  const claims = await oauth.validateJwtAccessToken(as, request, audience, INSECURE);
  assert.equal(claims.sub, "dev:ada");
});

test("the published keys are public halves, each with its id, use and algorithm", async () => {
  const published = await (await fetch(as.jwks_uri)).json();
  assert.ok(published.keys.length > 0);
  for (const key of published.keys) {
    assert.deepEqual([key.kty, key.crv, key.use, key.alg], ["OKP", "Ed25519", "sig", "EdDSA"]);
    assert.ok(key.kid && key.x);
    assert.equal(key.d, undefined);
  }
  assert.ok(published.keys.some(({ kid }) => kid === decodeProtectedHeader(token).kid));
});

test("neither another audience, nor a client id, nor a changed claim passes", async () => {
  const [header, , signature] = token.split(".");
  const claims = { ...decodeJwt(token), sub: "dev:grace" };
  const changed = Buffer.from(JSON.stringify(claims)).toString("base64url");
  await assert.rejects(verify(`${header}.${changed}.${signature}`), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  await assert.rejects(verify(token, { audience: `${ISSUER}/other` }), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED" });
  await assert.rejects(verify(client.id), ({ code }) => /^ERR_J/.test(code));
});
