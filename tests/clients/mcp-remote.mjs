// mcp-remote between an application and the server, from the block of its configuration to a tool,
// and through what may happen to a server.
//
//   node mcp-remote.mjs 0.15 http://127.0.0.1:3000 /mcp [arguments of mcp-remote]

import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { Application } from "./desktop/application.mjs";
import { Desktop } from "./desktop/desktop.mjs";
import * as host from "./host.mjs";
import { Recorder } from "./traces/recorder.mjs";

/** How long a token of a hasty host surely does not live. */
const ENDED_MS = 7_000;

const [release, upstream, path, ...flags] = process.argv.slice(2);
const older = { release: release === "0.1", transport: flags.includes("sse-only") };

const recorder = await Recorder.before(upstream);
// The block as it stands in READMEs, but for the server's name.
const block = { command: "npx", args: ["mcp-remote", recorder.url(path), ...flags] };

let desktop = await freshDesktop();
let application = await section("the application starts, and the person signs in", begin);
await section("it lists the tools", () => application.request("tools/list"));
console.log(`add 23 + 19     ${await section("it calls a tool", () => application.add())}`);
// A header that the server takes amiss would end in the older era, and nobody would notice.
if (flags.includes("auto")) assert.equal(recorder.revision, "2026-07-28");

// What is sent while a stream of the older transport is lost cannot be answered.
await section("the server restarts", () => recorder.replace(() => host.become("restart")));
console.log(`restarted host  ${await section("it calls a tool", () => application.add())}`);

await application.quit();
application = await section("the application starts again", begin);
assert.equal(recorder.authorizations, 0);
console.log(`later           ${await section("it calls a tool", () => application.add())}`);
await leave();

// After a 403 the older release opens the browser and does nothing with the code; over the older
// transport neither knows what a 403 asks for.
if (!older.release && !older.transport) await stepUp();
await outlive();

recorder.close(["mcp-remote", release, path.slice(1), ...flags.slice(-1)].join("-"));
host.done();

async function stepUp() {
  desktop = await freshDesktop();
  const pinned = ["--static-oauth-client-metadata", JSON.stringify({ scope: "profile offline_access" })];
  application = await section("another desktop, whose configuration asks for the profile alone", () => begin(pinned));
  await application.quit();
  await forgetWhatWasAsked();
  application = await section("the configuration asks for what the server wants", begin);
  assert.equal(recorder.authorizations, 0);
  console.log(`stepped up      ${await section("it calls a tool, and the person allows it", () => application.add())}`);
  await leave();
}

/** Makes its tokens those of a release that did not yet write down what it had asked for. */
async function forgetWhatWasAsked() {
  const folder = desktop.path("home", ".mcp-auth", "mcp-remote-v1");
  const name = (await readdir(folder)).find((name) => name.endsWith("_tokens.json"));
  const tokens = JSON.parse(await readFile(join(folder, name), "utf8"));
  delete tokens.requested_scope;
  await writeFile(join(folder, name), JSON.stringify(tokens));
}

async function outlive() {
  recorder.moveTo(await host.become("hasty"));
  desktop = await freshDesktop();
  application = await section("another desktop, and access tokens that end soon", begin);
  await wait(ENDED_MS);
  console.log(`expired token   ${await section("the access token has ended", () => application.add())}`);

  // Two processes of the older release read the file of tokens while it is half written.
  if (!older.release) await refreshAtOnce();

  // The older release opens the browser while it is connected, and does nothing with the code. One
  // that holds a stream signs in for the stream as well, in no order.
  const starts = older.release || recorder.holds;
  if (starts) await application.quit();
  recorder.moveTo(await host.become("wipe"));
  await wait(ENDED_MS);
  if (starts) application = await startAgain();
  console.log(`wiped database  ${await section("the server's database is empty", () => application.add())}`);
  await leave();
}

async function refreshAtOnce() {
  const second = await recorder.unrecorded(begin);
  await wait(ENDED_MS);
  const sums = await recorder.unrecorded(() => Promise.all([application.add(), second.add()]));
  console.log(`at the same time ${sums.join(" ")}`);
  await second.quit();
}

async function startAgain() {
  if (!older.transport) return section("the server's database is empty, and the application starts again", begin);
  return recorder.unrecorded(async () => {
    // The newer release ends itself, once, when a refresh is refused over the older transport.
    const first = await begin().catch((ended) => assert.match(ended.message, /^the command ended with 0/));
    await desktop.idle();
    return first ?? begin();
  });
}

async function freshDesktop() {
  const desktop = await Desktop.new();
  await desktop.install("mcp-remote", `mcp-remote-${release}`);
  return desktop;
}

async function leave() {
  await application.quit();
  await desktop.close();
}

async function begin(more = []) {
  const application = new Application(desktop, { ...block, args: [...block.args, ...more] });
  const { serverInfo } = await application.initialize();
  assert.equal(serverInfo.name, "postern");
  application.notify("notifications/initialized");
  return application;
}

function section(title, act) {
  return recorder.section(title, act);
}
