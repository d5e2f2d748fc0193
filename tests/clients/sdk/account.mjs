// What an application keeps for its SDK, and the person whom the SDK sends to the server.
//
// Invariant: a code is taken only with the state that was sent, and nothing is kept but what the SDK
// says.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { Person } from "../person.mjs";

export class Account {
  person = new Person();
  redirectUrl = "http://127.0.0.1:33418/callback";
  clientMetadata = {
    client_name: "An application",
    redirect_uris: [this.redirectUrl],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  };
  #kept = {};
  #visit;

  async close() {
    await this.#visit;
  }

  clientInformation() {
    return this.#kept.client;
  }

  saveClientInformation(client) {
    this.#kept.client = client;
  }

  tokens() {
    return this.#kept.tokens;
  }

  saveTokens(tokens) {
    this.#kept.tokens = tokens;
  }

  codeVerifier() {
    return this.#kept.verifier;
  }

  saveCodeVerifier(verifier) {
    this.#kept.verifier = verifier;
  }

  discoveryState() {
    return this.#kept.discovery;
  }

  saveDiscoveryState(discovery) {
    this.#kept.discovery = discovery;
  }

  /** Forgets what the server does not take any more. */
  invalidateCredentials(which) {
    if (which === "all") this.#kept = {};
    else delete this.#kept[which];
  }

  state() {
    this.#kept.state = randomUUID();
    return this.#kept.state;
  }

  redirectToAuthorization(url) {
    this.#visit = this.person.signIn(url, this.redirectUrl);
  }

  /** The parameters with which the person came back. */
  async arrival() {
    const { searchParams } = await this.#visit;
    assert.equal(searchParams.get("state"), this.#kept.state);
    return searchParams;
  }
}
