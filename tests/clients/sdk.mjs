// An application that is written with an official SDK, from the server's URL to a tool, and through
// what may happen to a server.
//
//   node sdk.mjs typescript-v2 http://127.0.0.1:3000 /mcp auto

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";

import * as host from "./host.mjs";
import { RELEASES } from "./sdk/releases.mjs";
import { Recorder } from "./traces/recorder.mjs";

/** How long a token of a hasty host surely does not live. */
const ENDED_MS = 7_000;

const [release, upstream, path, era = "legacy"] = process.argv.slice(2);
const sdk = RELEASES[release];
const recorder = await Recorder.before(upstream);

let account = await sdk.account();
let application = start();
const revision = await section("the application connects, and the person signs in", () => application.begin());
console.log(`revision        ${revision}`);
console.log(`tools           ${(await section("it lists the tools", () => application.tools())).join(" ")}`);
console.log(`add 23 + 19     ${await section("it calls a tool", () => application.add())}`);

await section("the server restarts", () => recorder.replace(() => host.become("restart")));
console.log(`restarted host  ${await section("it calls a tool", () => application.add())}`);
assert.equal(recorder.authorizations, 0);
await leave();

await stepUp();
await outlive();

recorder.close(["sdk", release, path.slice(1), ...(era === "legacy" ? [] : [era])].join("-"));
host.done();

async function stepUp() {
  account = await sdk.account();
  // With a refresh token this one refreshes after a 403, which widens nothing.
  if (release === "typescript-v1") account.person.ticks = ["may-profile"];
  application = start();
  await section("another application, which signs in for the profile alone", () => application.begin("profile offline_access"));
  account.person.ticks = undefined;
  console.log(`stepped up      ${await section("it calls a tool, and the person allows it", () => application.add())}`);
  await leave();
}

async function outlive() {
  recorder.moveTo(await host.become("hasty"));
  account = await sdk.account();
  application = start();
  await section("another application, and access tokens that end soon", () => application.begin());
  await wait(ENDED_MS);
  console.log(`expired token   ${await section("the access token has ended", () => application.add())}`);
  assert.equal(recorder.authorizations, 0);
  await refreshAtOnce();

  // Whoever holds a stream signs in for it as well as for a call, in no order.
  const held = recorder.holds;
  if (held) await application.quit();
  recorder.moveTo(await host.become("wipe"));
  await wait(ENDED_MS);
  console.log(`wiped database  ${await section("the server's database is empty", () => (held ? again() : application.add()))}`);
  await leave();
}

async function again() {
  application = start();
  await application.begin();
  return application.add();
}

async function refreshAtOnce() {
  const second = await recorder.unrecorded(() => application.window());
  await wait(ENDED_MS);
  const sums = await recorder.unrecorded(() => Promise.all([application.add(), second.add()]));
  console.log(`at the same time ${sums.join(" ")}`);
  if (second !== application) await second.quit();
}

function start() {
  return sdk.application(account, recorder.url(path), era);
}

async function leave() {
  await application.quit();
  await account.close();
}

function section(title, act) {
  return recorder.section(title, act);
}
