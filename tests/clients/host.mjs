// The host that a test started for a script, which may ask for another.

import { once } from "node:events";
import { createInterface } from "node:readline";

const answers = createInterface({ input: process.stdin });
// Whoever started the script is gone.
answers.once("close", () => process.exit(1));

/** Has the host be what `wish` says, and tells where it is then. */
export async function become(wish) {
  const answered = once(answers, "line");
  console.log(`host: ${wish}`);
  const [url] = await answered;
  return url;
}

/** Lets the script end. */
export function done() {
  answers.removeAllListeners("close").close();
  process.stdin.destroy();
}
