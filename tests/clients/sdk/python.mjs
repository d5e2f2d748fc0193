// An application that is written with the official SDK for Python, in a process of its own.
//
// The environment names the Python that has the SDK: PYTHON.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("application.py", import.meta.url));

export class PythonApplication {
  #arguments;
  #desktop;
  #process;
  #said = [];
  #waiting = new Map();
  #asked = 0;

  constructor(desktop, url, era) {
    this.#desktop = desktop;
    this.#arguments = [url, era];
  }

  /** Connects, for the scope that the server asks for or for another, and tells the revision. */
  async begin(scope = "") {
    this.#process = this.#desktop.start(process.env.PYTHON, [PROGRAM, ...this.#arguments, scope]);
    createInterface(this.#process.stdout).on("line", (line) => {
      const { id, result } = JSON.parse(line);
      this.#waiting.get(id).resolve(result);
    });
    createInterface(this.#process.stderr).on("line", (line) => this.#said.push(line));
    this.#process.once("exit", (code) => {
      const reason = new Error(`the application ended with ${code}:\n${this.#said.join("\n")}`);
      for (const { reject } of this.#waiting.values()) reject(reason);
    });
    return this.#ask("revision");
  }

  /** Another window of it: the SDK keeps tokens, and when they end, for a process. */
  async window() {
    return this;
  }

  async tools() {
    return this.#ask("tools");
  }

  async add() {
    const sum = await this.#ask("add");
    assert.equal(sum, "42");
    return sum;
  }

  async quit() {
    const ended = once(this.#process, "exit");
    this.#process.stdin.end();
    await ended;
  }

  async #ask(what) {
    const id = (this.#asked += 1);
    const answered = Promise.withResolvers();
    this.#waiting.set(id, answered);
    this.#process.stdin.write(`${JSON.stringify({ id, what })}\n`);
    return answered.promise;
  }
}
