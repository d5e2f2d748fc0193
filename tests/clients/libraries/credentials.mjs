// What clients prove themselves with: the ones that the operator wrote down, and their keys for those
// that register themselves.

import { readFileSync } from "node:fs";

import { importJWK } from "jose";

const WRITTEN_DOWN = new URL("../../harness/registered.json", import.meta.url);

/** What the libraries can sign with, by the id of the key. */
const ALGORITHMS = { ed25519: ["EdDSA"], p256: ["ES256"], p384: ["ES384"], rsa: ["PS256", "RS256"] };

/** Each way in which a client that the operator wrote down proves itself. */
export const credentials = (await Promise.all(JSON.parse(readFileSync(WRITTEN_DOWN)).map(ways))).flat();

function ways({ client_id: id, client_secret: secret, token_endpoint_auth_method: method, key }) {
  if (!key) return [{ id, method, secret }];
  const { d, p, q, dp, dq, qi, ...published } = key;
  return Promise.all(ALGORITHMS[key.kid].map(async (algorithm) => ({
    id,
    method,
    algorithm,
    key: await importJWK(key, algorithm),
    kid: key.kid,
    jwks: { keys: [published] },
  })));
}

/** The credential of the first client with this method. */
export const byMethod = (wanted) => credentials.find(({ method }) => method === wanted);

/** What a client tells of itself that proves itself in this way. */
export function metadata({ method, jwks }) {
  return { token_endpoint_auth_method: method, ...(jwks && { jwks }) };
}

/** A proof of somebody else's. */
export function stolen(credential) {
  if (credential.secret) return { ...credential, secret: `${credential.secret}x` };
  const other = credentials.find(({ kid }) => kid && kid !== credential.kid);
  return { ...credential, key: other.key };
}
