// mcp-remote with a key in a header, as people configure it who have one: nobody signs in.
//
//   node api-key.mjs 0.15 http://127.0.0.1:3000 the-key

import assert from "node:assert/strict";

import { Application } from "./desktop/application.mjs";
import { Desktop } from "./desktop/desktop.mjs";
import { Recorder } from "./traces/recorder.mjs";

const [release, upstream, key] = process.argv.slice(2);
const recorder = await Recorder.before(upstream);
const desktop = await Desktop.new();
await desktop.install("mcp-remote", `mcp-remote-${release}`);

for (const path of ["/mcp", "/sse"]) {
  const args = ["mcp-remote", recorder.url(path), "--header", `X-API-Key:${key}`];
  const application = new Application(desktop, { command: "npx", args });
  await recorder.section(`the application starts, with ${path}`, async () => {
    await application.initialize();
    application.notify("notifications/initialized");
  });
  assert.equal(recorder.authorizations, 0);
  console.log(`add 23 + 19     ${await recorder.section("it calls a tool", () => application.add())}, at ${path}`);
  await application.quit();
}

await desktop.close();
recorder.close(`mcp-remote-${release}-api-key`);
