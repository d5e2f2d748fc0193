// A person with a browser, scripted: it keeps cookies, follows redirects and presses buttons.

import { parse } from "node-html-parser";
import { CookieJar } from "tough-cookie";

const HOPS = 10;

export class Person {
  #jar = new CookieJar(undefined, { allowSpecialUseDomain: true });
  /** The checkboxes they want ticked, if others than the page has ticked. */
  ticks;

  /** Opens `url` and follows redirects until a page, or until `redirectUri` is reached. */
  async open(url, redirectUri, form) {
    for (let hop = 0; hop < HOPS; hop += 1) {
      if (url.href.startsWith(redirectUri)) return { url };
      const headers = { cookie: await this.#jar.getCookieString(url.href), accept: "text/html" };
      if (form) headers.origin = url.origin;
      const answer = await fetch(url, { method: form ? "POST" : "GET", body: form, headers, redirect: "manual" });
      for (const cookie of answer.headers.getSetCookie()) await this.#jar.setCookie(cookie, url.href);
      const location = answer.headers.get("location");
      if (!location) return { url, status: answer.status, page: parse(await answer.text()) };
      url = new URL(location, url);
      form = undefined;
    }
    throw new Error(`more than ${HOPS} redirects, the last to ${url}`);
  }

  /** Presses the button `name`=`value` on the page it is on. */
  async press(screen, name, value, redirectUri) {
    const button = screen.page?.querySelector(`button[name="${name}"][value="${value}"]`);
    if (!button) throw new Error(`no button ${name}=${value} at ${screen.url} (${screen.status}):\n${screen.page}`);
    const form = button.closest("form");
    const fields = new URLSearchParams();
    for (const input of form.querySelectorAll("input[type=hidden], input[type=checkbox]")) {
      const field = input.getAttribute("name");
      const ticked = this.ticks?.includes(field) ?? input.hasAttribute("checked");
      if (ticked || input.getAttribute("type") === "hidden") fields.append(field, input.getAttribute("value"));
    }
    fields.append(name, value);
    return this.open(new URL(form.getAttribute("action"), screen.url), redirectUri, fields);
  }

  /** Consents and signs in as one of the dev people; gives the URL the client would be sent to. */
  async signIn(authorizeUrl, redirectUri, login = "ada") {
    const consent = await this.open(new URL(authorizeUrl), redirectUri);
    // Who agreed before in this browser only says to go on.
    const before = consent.page.querySelector('button[name="decision"][value="continue"]');
    const [name, value] = before ? ["decision", "continue"] : ["provider", "dev"];
    const people = await this.press(consent, name, value, redirectUri);
    const back = await this.press(people, "person", login, redirectUri);
    return back.url;
  }
}
