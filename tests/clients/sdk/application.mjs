// An application that is written with the official SDK: it connects, and when the SDK says that a
// person must sign in, waits for them and does again what it was doing.

import assert from "node:assert/strict";

export class Application {
  #sdk;
  #url;
  #account;
  #era;
  #client;
  #transport;

  constructor(sdk, url, account, era) {
    this.#sdk = sdk;
    this.#url = new URL(url);
    this.#account = account;
    this.#era = era;
  }

  /** Connects, for the scope that the server asks for or for another, and tells the revision. */
  async begin(scope) {
    if (scope) await this.#signInFor(scope);
    await this.#withPerson(() => this.#connect());
    return this.#sdk.revision(this.#client, this.#transport);
  }

  /** Another window of it, with the same tokens. */
  async window() {
    const second = new Application(this.#sdk, this.#url, this.#account, this.#era);
    await second.begin();
    return second;
  }

  async tools() {
    const { tools } = await this.#withPerson(() => this.#client.listTools());
    return tools.map(({ name }) => name);
  }

  async add() {
    const { content } = await this.#withPerson(() => this.#client.callTool({ name: "add", arguments: { a: 23, b: 19 } }));
    assert.equal(content[0].text, "42");
    return content[0].text;
  }

  async quit() {
    await this.#client.close();
  }

  async #signInFor(scope) {
    const options = { serverUrl: this.#url, scope };
    assert.equal(await this.#sdk.auth(this.#account, options), "REDIRECT");
    const [authorizationCode, iss] = this.#sdk.code(await this.#account.arrival());
    assert.equal(await this.#sdk.auth(this.#account, { ...options, authorizationCode, iss }), "AUTHORIZED");
  }

  async #connect() {
    this.#client = this.#sdk.client(this.#era);
    this.#transport = new this.#sdk.Transport(this.#url, { authProvider: this.#account });
    await this.#client.connect(this.#transport);
  }

  async #withPerson(act) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof this.#sdk.UnauthorizedError)) throw error;
      await this.#transport.finishAuth(...this.#sdk.code(await this.#account.arrival()));
      return act();
    }
  }
}
