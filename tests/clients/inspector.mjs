// The MCP Inspector at the command line, from the server's URL to a tool, and through what may
// happen to a server.
//
//   node inspector.mjs http://127.0.0.1:3000 /mcp [arguments of the Inspector]

import assert from "node:assert/strict";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Desktop } from "./desktop/desktop.mjs";
import { freePort } from "./free-port.mjs";
import * as host from "./host.mjs";
import { Recorder } from "./traces/recorder.mjs";

const PROGRAM = fileURLToPath(new URL("node_modules/.bin/mcp-inspector", import.meta.url));
/** How long a token of a hasty host surely does not live. */
const ENDED_MS = 7_000;

const [upstream, path, ...flags] = process.argv.slice(2);
/** A browser is opened though nobody is at a terminal, and what is secret is kept in the home. */
const settings = {
  MCP_AUTO_OPEN_ENABLED: "true",
  MCP_INSPECTOR_SECRET_STORE: "file",
  MCP_OAUTH_CALLBACK_URL: `http://127.0.0.1:${await freePort()}/oauth/callback`,
};
const recorder = await Recorder.before(upstream);

let desktop = await Desktop.new();
const { tools } = await section("it lists the tools, and the person signs in", () => inspect("tools/list", "--strict"));
console.log(`tools           ${tools.map(({ name }) => name).join(" ")}`);
console.log(`add 23 + 19     ${await section("it calls a tool", add)}`);
assert.equal(recorder.authorizations, 0);
recorder.moveTo(await host.become("restart"));
console.log(`restarted host  ${await section("the server has restarted", add)}`);
assert.equal(recorder.authorizations, 0);
await desktop.close();

recorder.moveTo(await host.become("hasty"));
desktop = await Desktop.new();
await section("another desktop, and access tokens that end soon", add);
await wait(ENDED_MS);
console.log(`expired token   ${await section("the access token has ended", add)}`);
assert.equal(recorder.authorizations, 0);
recorder.moveTo(await host.become("wipe"));
await wait(ENDED_MS);
console.log(`wiped database  ${await section("the server's database is empty", add)}`);
await desktop.close();

recorder.close(["inspector", path.slice(1), ...flags.slice(-1)].join("-"));
host.done();

async function inspect(method, ...more) {
  const transport = path === "/sse" ? "sse" : "http";
  const args = ["--cli", recorder.url(path), "--transport", transport, ...flags, "--format", "json", "--method", method, ...more];
  const program = desktop.start(PROGRAM, args, settings);
  program.stdin.end();
  const [printed, complained, [code]] = await Promise.all([text(program.stdout), text(program.stderr), once(program, "exit")]);
  assert.equal(code, 0, complained);
  const { result, schemaFindings } = JSON.parse(printed);
  assert.equal(schemaFindings, undefined, JSON.stringify(schemaFindings));
  return result;
}

async function add() {
  const { content } = await inspect("tools/call", "--tool-name", "add", "--tool-arg", "a=23", "b=19");
  assert.equal(content[0].text, "42");
  return content[0].text;
}

function section(title, act) {
  return recorder.section(title, act);
}
