// The official conformance suite for authorization servers, with a scripted person at the browser.
// Whatever follows the issuer is handed to the suite as it is.
//
//   node conformance.mjs http://localhost:3000 [--resource http://localhost:3000/mcp]

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { freePort } from "./free-port.mjs";
import { Person } from "./person.mjs";

const SUITE = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));
const [issuer, ...more] = process.argv.slice(2);

const port = await freePort();
const redirectUri = `http://127.0.0.1:${port}/callback`;
const clientId = await register();
const folder = await mkdtemp(join(tmpdir(), "postern-conformance-"));
try {
  await run();
  await report();
} finally {
  await rm(folder, { recursive: true });
}

async function register() {
  const answer = await fetch(`${issuer}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "Conformance suite",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "none",
    }),
  });
  assert.equal(answer.status, 201);
  return (await answer.json()).client_id;
}

/** Runs the suite; the person opens the address that it prints, and brings back what they got. */
async function run() {
  const flags = ["--url", issuer, "--client-id", clientId, "--port", port, "--output-dir", folder, ...more];
  const suite = spawn(process.execPath, [SUITE, "authorization", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(suite, "exit");
  try {
    for await (const line of createInterface(suite.stdout)) {
      console.log(line);
      if (line.startsWith(`${issuer}/authorize?`)) await fetch(await new Person().signIn(line, redirectUri));
    }
  } finally {
    suite.kill();
  }
  assert.deepEqual(await ended, [0, null]);
}

/** One line per check; the exit status of the suite alone would let warnings and skips pass. */
async function report() {
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((name) => name.endsWith("checks.json")).sort()) {
    for (const { id, status } of JSON.parse(await readFile(join(folder, file), "utf8"))) {
      console.log(`check ${id}: ${status}`);
    }
  }
}
