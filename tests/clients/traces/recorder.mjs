// What a client asks a server, in the order of asking: a proxy on loopback that the client takes for
// the server, and the file in `traces/` that says what it asked when it was last looked at.
//
// Invariant: nothing is changed on the way, and no secret is written down.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { details, requestLine } from "./exchange.mjs";

/** A client that has nothing under way for so long waits for its user. */
const QUIET_MS = 700;

export class Recorder {
  #proxy = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  #upstream;
  #moving;
  #sections = [];
  #asides = [];
  #underway = 0;
  #streams = 0;
  #last = Date.now();

  /** Stands in front of the server at `upstream`, which answers by the name that it is asked by. */
  static async before(upstream) {
    const recorder = new Recorder();
    recorder.#upstream = new URL(upstream);
    await once(recorder.#proxy.listen(0, "127.0.0.1"), "listening");
    return recorder;
  }

  url(path) {
    return `http://localhost:${this.#proxy.address().port}${path}`;
  }

  /** The server is another from now on, which the client does not see. */
  moveTo(upstream) {
    this.#upstream = new URL(upstream);
  }

  /** Records what the client asks while it does something, until it is done with it. */
  async section(title, act) {
    this.#sections.push({ title, exchanges: [] });
    this.#last = Date.now();
    const result = await act();
    while (this.#underway > 0 || Date.now() - this.#last < QUIET_MS) await wait(50);
    return result;
  }

  /** Lets the client do what it does in another order each time. */
  async unrecorded(act) {
    const result = await this.section("", act);
    this.#sections.pop();
    return result;
  }

  /** Moves to the server that takes the other's place, and waits for streams that were lost. */
  async replace(upstream) {
    const held = this.#streams;
    this.#moving = upstream().then((there) => this.moveTo(there));
    await this.#moving;
    while (this.#streams < held) await wait(50);
  }

  /** Whether the client holds a stream, which it takes up again when it is lost. */
  get holds() {
    return this.#streams > 0;
  }

  /** The revision of the protocol in which the client spoke last in the present section. */
  get revision() {
    return this.#sections.at(-1).exchanges.at(-1).request.headers["mcp-protocol-version"];
  }

  /** How often a person was sent to the server with the browser in the present section. */
  get authorizations() {
    return this.#sections.at(-1).exchanges.filter(({ request }) => request.url.startsWith("/authorize?")).length;
  }

  /** Compares what was asked with what is written down, or writes it down if that is asked for. */
  close(name) {
    this.#proxy.close();
    this.#proxy.closeAllConnections();
    const file = fileURLToPath(new URL(`${name}.txt`, import.meta.url));
    const text = [...this.#sections.map(sectionText), ...this.#beside()].join("\n");
    if (process.env.POSTERN_TRACES === "rewrite") return writeFileSync(file, text);
    const before = readFileSync(file, "utf8");
    if (before === text) return;
    const { stdout } = spawnSync("diff", ["-u", "--label", `traces/${name}.txt`, "--label", "this run", file, "-"], { input: text });
    throw new Error(`the client asks for other things than before (POSTERN_TRACES=rewrite takes them over):\n${stdout}`);
  }

  /** The streams that it asked for, each kind once: when, how often and with what success differs. */
  #beside() {
    const told = this.#asides.map(({ request }) => exchangeText({ request, status: "…", body: "" }));
    return told.length > 0 ? [["# at any time", ...new Set(told.sort()), ""].join("\n")] : [];
  }

  async #pass(incoming, outgoing) {
    const exchange = this.#note(incoming);
    let underway = true;
    const done = () => {
      if (underway) this.#underway -= 1;
      underway = false;
      this.#last = Date.now();
    };
    outgoing.once("close", done);
    try {
      const body = Buffer.concat(await incoming.toArray());
      exchange.body = body.toString();
      // Some clients ask again only so often, however long a server takes to start.
      await this.#moving;
      const { hostname: host, port } = this.#upstream;
      // `Host` stays what the client said: a development server takes it for its own name.
      const passed = ask({ host, port, method: incoming.method, path: incoming.url, headers: incoming.headers, agent: false });
      outgoing.once("close", () => passed.destroy());
      const [answer] = await once(passed.end(body), "response");
      exchange.status = answer.statusCode;
      // A stream that the client holds is nothing that it waits for.
      const held = incoming.method === "GET" && answer.headers["content-type"]?.startsWith("text/event-stream");
      if (held) {
        done();
        this.#streams += 1;
        outgoing.once("close", () => { this.#streams -= 1; });
      }
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      outgoing.flushHeaders();
      answer.once("error", () => outgoing.destroy());
      answer.pipe(outgoing);
    } catch {
      outgoing.destroy();
    }
  }

  /** Takes the request down; of a browser only how the client sent it there. */
  #note(request) {
    this.#underway += 1;
    this.#last = Date.now();
    const exchange = { request, body: "" };
    const byBrowser = request.headers.accept === "text/html";
    if (isStream(request)) this.#asides.push(exchange);
    else if (!byBrowser || request.url.startsWith("/authorize?")) this.#sections.at(-1).exchanges.push(exchange);
    return exchange;
  }
}

function sectionText({ title, exchanges }) {
  return [`# ${title}`, ...exchanges.map(exchangeText), ""].join("\n");
}

function exchangeText({ request, status, body }) {
  return [requestLine(request, status), ...Array.from(details(request, body), (detail) => `  ${detail}`)].join("\n");
}

/** A client asks for the stream of its session beside everything else, and asks again. */
function isStream({ method, headers }) {
  return method === "GET" && headers["mcp-session-id"] !== undefined;
}
