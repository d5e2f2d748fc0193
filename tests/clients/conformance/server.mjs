// The official conformance suite for servers: every scenario that a revision requires. What is in
// `<revision>.yml` does not pass yet; an entry that passes fails the run, as does everything else.
//
//   node conformance/server.mjs http://localhost:3000/mcp 2026-07-28
//
// With TOKEN in the environment the suite, which knows no credentials, goes through a proxy that
// adds it to every request.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const SUITE = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));
const [address, revision] = process.argv.slice(2);
const known = fileURLToPath(new URL(`${revision}.yml`, import.meta.url));

const proxy = process.env.TOKEN && (await open(new URL(address), process.env.TOKEN));
const folder = await mkdtemp(join(tmpdir(), "postern-conformance-"));
try {
  await report(await run(proxy ? proxy.url : address));
} finally {
  await rm(folder, { recursive: true });
  proxy?.server.close();
  proxy?.server.closeAllConnections();
}

/** A proxy that shows `token`. Only its own name is changed, so that other names stay wrong. */
async function open(upstream, token) {
  const server = http.createServer((asked, answer) => {
    const own = `localhost:${server.address().port}`;
    const theirs = (value) => value?.replace(own, upstream.host);
    const headers = { ...asked.headers, host: theirs(asked.headers.host), authorization: `Bearer ${token}` };
    if (headers.origin) headers.origin = theirs(headers.origin);
    const { hostname, port } = upstream;
    const request = http.request({ hostname, port, method: asked.method, path: asked.url, headers });
    request.on("response", (response) => {
      answer.writeHead(response.statusCode, response.rawHeaders);
      response.pipe(answer);
    });
    request.on("error", () => answer.destroy());
    answer.on("close", () => request.destroy());
    asked.pipe(request);
  });
  await once(server.listen(0, "localhost"), "listening");
  return { server, url: `http://localhost:${server.address().port}${upstream.pathname}` };
}

/** Runs the suite, and gives the names of the scenarios in which nothing failed. */
async function run(url) {
  const flags = ["--url", url, "--requirements", revision, "--expected-failures", known, "--output-dir", folder];
  const suite = spawn(process.execPath, [SUITE, "server", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(suite, "exit");
  const passed = new Set();
  for await (const line of createInterface(suite.stdout)) {
    console.log(line);
    const [, scenario] = /^✓ (\S+): [1-9]/.exec(line) ?? [];
    if (scenario) passed.add(scenario);
  }
  assert.deepEqual(await ended, [0, null]);
  return passed;
}

/** Every required scenario passed or is known not to: a suite that runs nothing finds nothing. */
async function report(passed) {
  const required = await listed(new URL(`../requirements/${revision}.yaml`, pathToFileURL(SUITE)));
  const missing = required.filter((scenario) => !passed.has(scenario));
  assert.deepEqual(missing, await listed(pathToFileURL(known)));
  console.log(`required: ${required.length}, passed: ${required.length - missing.length}`);
}

/** What a file of YAML lists under `server`. */
async function listed(file) {
  const [, section] = /^server:(.*(?:\n +- .*|\n *#.*|\n(?=\n))*)/m.exec(await readFile(file, "utf8"));
  return [...section.matchAll(/^ +- (\S+)/gm)].map(([, scenario]) => scenario);
}
