// A person's machine: a home that is empty at first, a browser that programs can open, and the
// person who sits there.
//
// Invariant: nothing of the real home is read, nothing is left behind.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Person } from "../person.mjs";

const BROWSER = fileURLToPath(new URL("browser.cjs", import.meta.url));
const PACKAGES = fileURLToPath(new URL("../node_modules", import.meta.url));

export class Desktop {
  person = new Person();
  #door = createServer({ allowHalfOpen: true }, (socket) => {
    const visit = this.#visit(socket).finally(() => this.#visits.delete(visit));
    this.#visits.add(visit);
  });
  #visits = new Set();
  #folder;

  static async new() {
    const desktop = new Desktop();
    desktop.#folder = await mkdtemp(join(tmpdir(), "postern-desktop-"));
    await Promise.all(["bin", "home"].map((name) => mkdir(desktop.path(name))));
    // What programs start depends on the system and on the release of their library.
    await Promise.all(["open", "xdg-open"].map((name) => symlink(BROWSER, desktop.path("bin", name))));
    await once(desktop.#door.listen(desktop.path("door")), "listening");
    return desktop;
  }

  path(...names) {
    return join(this.#folder, ...names);
  }

  /** Installs one of the packages here under the name that its users know. */
  async install(name, alias) {
    await mkdir(this.path("node_modules", ".bin"), { recursive: true });
    const files = join(PACKAGES, alias);
    await symlink(files, this.path("node_modules", name));
    await symlink(join(files, "dist", "proxy.js"), this.path("node_modules", ".bin", name));
  }

  /** Starts a program as the person would. */
  start(command, args, more = {}) {
    const path = [this.path("bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
    const env = { PATH: path, HOME: this.path("home"), BROWSER, DESKTOP: this.path("door"), ...more };
    return spawn(command, args, { cwd: this.#folder, env, stdio: ["pipe", "pipe", "pipe"] });
  }

  /** Waits until the person has done what they were sent to the browser for. */
  async idle() {
    await Promise.all(this.#visits);
  }

  async close() {
    await this.idle();
    this.#door.close();
    await rm(this.#folder, { recursive: true });
  }

  async #visit(socket) {
    const address = await text(socket);
    socket.end();
    const redirectUri = new URL(address).searchParams.get("redirect_uri");
    const back = await this.person.signIn(address, redirectUri);
    // Some clients listen only after they opened the browser, which is soon enough for a person;
    // and some have ended since.
    for (let attempts = 40; attempts > 0; attempts -= 1) {
      const answer = await fetch(back).catch(() => undefined);
      if (answer) return answer.text();
      await wait(50);
    }
  }
}
