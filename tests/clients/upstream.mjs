// An identity provider that was not written here: oidc-provider, with the pages that it has for
// development, over HTTPS with the certificate that it is given. It prints
// its issuer, and where it is without TLS. Each line that
// it reads is what is known of people from then on, as JSON: claims by the id of their account.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createDoor } from "node:http";
import { createServer } from "node:https";
import { createInterface } from "node:readline";

import { Provider } from "oidc-provider";

const { CERTIFICATE, KEY, CALLBACK } = process.env;

let people = {};
createInterface({ input: process.stdin })
  .on("line", (line) => { people = JSON.parse(line); })
  // Whoever started it is gone.
  .on("close", () => process.exit());

const configuration = {
  clients: [{
    client_id: "postern",
    client_secret: "a secret of this test",
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "client_secret_post",
  }],
  claims: {
    openid: ["sub"],
    profile: ["name", "given_name", "family_name", "roles"],
    email: ["email", "email_verified"],
  },
  cookies: { keys: ["a key of this test"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  // Without `prompt=consent` it takes `offline_access` away (OpenID Connect Core section 11).
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: 60, Grant: 3600, IdToken: 60, Interaction: 600, RefreshToken: 3600, Session: 600 },
};

const server = createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) });
// The same for a browser that has no TLS: what it says comes as if from a proxy that has.
const door = createDoor();
await Promise.all([server, door].map((one) => once(one.listen(0, "127.0.0.1"), "listening")));
const authority = `localhost:${server.address().port}`;
const provider = new Provider(`https://${authority}`, configuration);
provider.proxy = true;
const answer = provider.callback();
server.on("request", answer);
door.on("request", (request, response) => {
  Object.assign(request.headers, { host: authority, "x-forwarded-proto": "https" });
  answer(request, response);
});
console.log(`https://${authority} http://localhost:${door.address().port}`);
