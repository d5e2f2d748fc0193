// An application that speaks stdio with the command in its configuration, as Claude Desktop does.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";

export class Application {
  #server;
  #waiting = new Map();
  #said = [];
  #requests = 0;

  /** Starts the command of a block of `mcpServers`. */
  constructor(desktop, { command, args, env }) {
    this.#server = desktop.start(command, args, env);
    createInterface(this.#server.stdout).on("line", (line) => {
      const message = JSON.parse(line);
      this.#waiting.get(message.id)?.resolve(message);
    });
    createInterface(this.#server.stderr).on("line", (line) => this.#said.push(line));
    this.#server.once("exit", (code, signal) => {
      const reason = new Error(`the command ended with ${code ?? signal}:\n${this.#said.join("\n")}`);
      for (const { reject } of this.#waiting.values()) reject(reason);
    });
  }

  async initialize() {
    const clientInfo = { name: "claude-ai", version: "0.1.0" };
    return this.request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  }

  async request(method, params = {}) {
    const id = (this.#requests += 1);
    const { promise, resolve, reject } = Promise.withResolvers();
    this.#waiting.set(id, { resolve, reject });
    this.#send({ id, method, params });
    const late = setTimeout(() => reject(new Error(`no answer to ${method}:\n${this.#said.join("\n")}`)), 40_000);
    const { result, error } = await promise.finally(() => clearTimeout(late));
    if (error) throw new Error(`${method}: ${error.message}\n${this.#said.join("\n")}`);
    return result;
  }

  notify(method) {
    this.#send({ method });
  }

  async add() {
    const { content } = await this.request("tools/call", { name: "add", arguments: { a: 23, b: 19 } });
    assert.equal(content[0].text, "42");
    return content[0].text;
  }

  /** Quits, as applications do: the pipe is closed, and the command ends. */
  async quit() {
    const ended = once(this.#server, "exit");
    this.#server.stdin.end();
    await ended;
  }

  #send(message) {
    this.#server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }
}
