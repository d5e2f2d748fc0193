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
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SUITE = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));
const [address, revision] = process.argv.slice(2);

const proxy = process.env.TOKEN && (await open(new URL(address), process.env.TOKEN));
const folder = await mkdtemp(join(tmpdir(), "postern-conformance-"));
try {
  await run(proxy ? proxy.url : address);
  await report();
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

async function run(url) {
  const known = fileURLToPath(new URL(`${revision}.yml`, import.meta.url));
  const flags = ["--url", url, "--requirements", revision, "--expected-failures", known, "--output-dir", folder];
  const suite = spawn(process.execPath, [SUITE, "server", ...flags], { stdio: ["ignore", "inherit", "inherit"] });
  assert.deepEqual(await once(suite, "exit"), [0, null]);
}

/** How much was looked at: a suite that runs nothing finds nothing. */
async function report() {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith("checks.json"));
  const count = {};
  for (const file of files) {
    for (const { status } of JSON.parse(await readFile(join(folder, file), "utf8"))) {
      count[status] = (count[status] ?? 0) + 1;
    }
  }
  console.log(`scenarios: ${files.length}`);
  for (const [status, checks] of Object.entries(count)) console.log(`checks ${status}: ${checks}`);
}
