// An OAuth client on another site of this machine: it registers itself, waits for the answer, and
// redeems the code.
//
// Invariant: it knows of the server what discovery tells, and nothing more.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

// The opener of a pop-up hears from the callback, as browser-based clients arrange it.
const CALLBACK = '<!doctype html><title>Signed in</title><link rel="icon" href="data:,">'
  + '<script>window.opener?.postMessage(location.search, "*")</script><h1>You can close this</h1>';
const OPENER = '<!doctype html><title>Waiting</title><link rel="icon" href="data:,"><button>Sign in</button><script>'
  + 'const link = decodeURIComponent(location.hash.slice(1));'
  + 'document.querySelector("button").onclick = () => window.open(link, "_blank", "popup");'
  + 'window.onmessage = (event) => { document.title = "Heard " + event.data; };</script>';

export class Client {
  /** Registers at `issuer` under `name`. */
  static async registered(issuer, name) {
    const client = new Client();
    client.arrivals = [];
    client.waiting = [];
    client.server = createServer((request, response) => client.#answer(request, response));
    client.server.listen(0, '127.0.0.1');
    await once(client.server, 'listening');
    // The server is asked for as 127.0.0.1: `localhost` is another site to the browser.
    client.origin = `http://localhost:${client.server.address().port}`;
    const metadata = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
    client.endpoints = await metadata.json();
    const registration = await fetch(client.endpoints.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: name,
        redirect_uris: [`${client.origin}/callback`],
        token_endpoint_auth_method: 'none',
      }),
    });
    client.id = (await registration.json()).client_id;
    return client;
  }

  #answer(request, response) {
    const url = new URL(request.url, this.origin);
    response.setHeader('content-type', 'text/html');
    if (url.pathname === '/callback') {
      const arrival = { answer: Object.fromEntries(url.searchParams), headers: request.headers };
      const next = this.waiting.shift();
      if (next) next(arrival); else this.arrivals.push(arrival);
      response.end(CALLBACK);
    } else {
      response.end(OPENER);
    }
  }

  /** Begins a sign-in: where to send a person, and what this client remembers of it. */
  signIn(scope = 'mcp:tools profile offline_access') {
    const [state, verifier] = [randomBytes(16).toString('hex'), randomBytes(32).toString('base64url')];
    const url = new URL(this.endpoints.authorization_endpoint);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.id,
      redirect_uri: `${this.origin}/callback`,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      scope,
      resource: `${this.endpoints.issuer}/mcp`,
      state,
    });
    return { url: url.href, state, verifier };
  }

  /** What the browser brings next. */
  arrival() {
    const arrived = this.arrivals.shift();
    return arrived ? Promise.resolve(arrived) : new Promise((next) => { this.waiting.push(next); });
  }

  /** Redeems a code. */
  async redeem(code, verifier) {
    const answer = await fetch(this.endpoints.token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: this.id,
        redirect_uri: `${this.origin}/callback`,
        resource: `${this.endpoints.issuer}/mcp`,
        code,
        code_verifier: verifier,
      }),
    });
    return answer.json();
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
