// A person's way through a sign-in, on the host that the environment variable ISSUER names.
//
// Invariant: the person clicks, types and reads; only the client speaks to the server by itself.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { launch, overflow, screenshot, watched } from './chromium.mjs';
import { Client } from './client.mjs';

const { ISSUER } = process.env;

let browser;
let client;
before(async () => { browser = await launch(); });
beforeEach(async () => { client = await Client.registered(ISSUER, 'A <b>browser</b> test'); });
afterEach(() => client?.stop());
after(() => browser.close());

/** A test with a person's own browser, in which nothing may go wrong unseen. */
function journey(name, options, walk) {
  test(name, { timeout: 60_000 }, async () => {
    const { context, problems } = await watched(browser, options);
    context.setDefaultTimeout(20_000);
    try {
      await walk(await context.newPage(), context);
      assert.deepEqual(problems, []);
    } finally {
      await context.close();
    }
  });
}

const button = (page, name) => page.getByRole('button', { name });

/** The browser brought a code for this sign-in, and it is good for tokens. */
async function assertSignedIn(signIn) {
  const { answer, headers } = await client.arrival();
  assert.equal(answer.state, signIn.state);
  assert.equal(answer.iss, ISSUER);
  assert.equal(headers.referer, undefined, 'the client does not learn where the browser was');
  const tokens = await client.redeem(answer.code, signIn.verifier);
  assert.equal(tokens.token_type, 'Bearer', JSON.stringify(tokens));
}

async function assertDeclined(signIn) {
  const { answer } = await client.arrival();
  assert.equal(answer.error, 'access_denied');
  assert.equal(answer.state, signIn.state);
  assert.equal(answer.iss, ISSUER);
  assert.equal(answer.code, undefined);
}

journey('a person consents and signs in by clicking', {}, async (page) => {
  const signIn = client.signIn();
  await page.goto(signIn.url);
  const heading = page.getByRole('heading', { level: 1 });
  assert.equal(await heading.textContent(), 'A <b>browser</b> test wants to connect');
  for (const told of [`${ISSUER}/mcp`, 'localhost', 'mcp:tools', 'profile', 'offline_access', 'unverified']) {
    assert.ok((await page.getByRole('main').textContent()).includes(told), told);
  }
  await screenshot(page, 'journey-consent');
  const posted = page.waitForRequest((request) => request.method() === 'POST');
  await button(page, 'Continue with').click();
  await page.waitForURL(`${ISSUER}/login/dev?*`);
  assert.equal(await (await posted).headerValue('origin'), ISSUER, 'a form names its page\'s origin, which is compared');
  await screenshot(page, 'journey-people');
  await button(page, 'Ada Lovelace').click();
  await page.waitForURL(`${client.origin}/callback?*`);
  await assertSignedIn(signIn);
});

journey('neither a mouse nor a script is needed, nor a wide window', {
  colorScheme: 'dark',
  javaScriptEnabled: false,
  viewport: { width: 320, height: 640 },
}, async (page) => {
  const signIn = client.signIn();
  await page.goto(signIn.url);
  for (const name of [/^Continue with/, /^Grace Hopper/]) {
    assert.equal(await overflow(page), 0);
    const wanted = page.getByRole('button', { name });
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      if (await wanted.evaluate((element) => element === document.activeElement)) break;
    }
    const outline = await wanted.evaluate((element) => getComputedStyle(element).outline);
    assert.match(outline, /solid 3px/, 'the focus can be seen');
    await screenshot(page, `journey-focus-${name.source.replace(/\W+/g, '')}`);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  }
  await assertSignedIn(signIn);
});

journey('denying tells the client, and going back lets one think again', {}, async (page) => {
  const signIn = client.signIn();
  await page.goto(signIn.url);
  await button(page, 'Deny').click();
  await page.waitForURL(`${client.origin}/callback?*`);
  await assertDeclined(signIn);
  await page.goBack();
  await button(page, 'Continue with').click();
  await button(page, 'Linus Example').click();
  await assertSignedIn(signIn);
});

const box = (page, name) => page.getByRole('checkbox', { name });

journey('a person leaves out what they like, but not everything', { javaScriptEnabled: false }, async (page) => {
  const signIn = client.signIn('profile offline_access');
  await page.goto(signIn.url);
  await box(page, /name and e-mail/).uncheck();
  await button(page, 'Continue with').click();
  assert.ok(await page.getByRole('alert').isVisible());
  assert.equal(await box(page, /name and e-mail/).isChecked(), false);
  assert.equal(await box(page, /Stay connected/).isChecked(), true);
  await screenshot(page, 'journey-nothing-left');
  await box(page, /name and e-mail/).check();
  await box(page, /Stay connected/).uncheck();
  await button(page, 'Continue with').click();
  await button(page, 'Ada Lovelace').click();
  const { answer } = await client.arrival();
  const tokens = await client.redeem(answer.code, signIn.verifier);
  assert.equal(tokens.scope, 'profile');
  assert.equal(tokens.refresh_token, undefined);
});

journey('the tools that a client is for have no box', { javaScriptEnabled: false }, async (page) => {
  const signIn = client.signIn();
  await page.goto(signIn.url);
  assert.ok(await page.getByText('See and use the tools').isVisible());
  for (const left of await page.getByRole('checkbox').all()) await left.uncheck();
  assert.equal(await page.getByRole('checkbox').count(), 2);
  await screenshot(page, 'journey-tools-alone');
  await button(page, 'Continue with').click();
  await button(page, 'Ada Lovelace').click();
  const { answer } = await client.arrival();
  const tokens = await client.redeem(answer.code, signIn.verifier);
  assert.equal(tokens.scope, 'mcp:tools');
  assert.equal(tokens.refresh_token, undefined);
});

journey('who comes back continues with one click, and somebody else is asked', {}, async (page, context) => {
  const first = client.signIn();
  await page.goto(first.url);
  await button(page, 'Continue with').click();
  await button(page, 'Ada Lovelace').click();
  await assertSignedIn(first);
  const again = client.signIn();
  await page.goto(again.url);
  assert.equal(await page.getByRole('checkbox').count(), 0);
  await screenshot(page, 'journey-continue');
  await button(page, 'Continue as Ada Lovelace').click();
  const suggested = button(page, 'Ada Lovelace');
  assert.ok(await suggested.evaluate((element) => element === document.activeElement));
  await suggested.click();
  await assertSignedIn(again);
  const other = client.signIn();
  await page.goto(other.url);
  await button(page, 'Continue as Ada Lovelace').click();
  await button(page, 'Grace Hopper').click();
  assert.ok(await page.getByText('You signed in as Grace Hopper').isVisible());
  await screenshot(page, 'journey-other-person');
  await button(page, 'Continue as Grace Hopper').click();
  await assertSignedIn(other);
  const left = (await context.cookies()).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }));
  assert.deepEqual(left, [{ name: 'session', httpOnly: true, sameSite: 'Lax' }]);
});

journey('cancelling at the sign-in page tells the client', {}, async (page) => {
  const signIn = client.signIn();
  await page.goto(signIn.url);
  await button(page, 'Continue with').click();
  await page.waitForURL(`${ISSUER}/login/dev?*`);
  await page.reload();
  await button(page, 'Cancel').click();
  await page.waitForURL(`${client.origin}/callback?*`);
  await assertDeclined(signIn);
});

journey('two tabs sign in beside each other', {}, async (first, context) => {
  const second = await context.newPage();
  const [one, other] = [client.signIn(), client.signIn()];
  await first.goto(one.url);
  await second.goto(other.url);
  await button(first, 'Continue with').click();
  await button(second, 'Continue with').click();
  await button(second, 'Ada Lovelace').click();
  await assertSignedIn(other);
  await button(first, 'Grace Hopper').click();
  await assertSignedIn(one);
});

journey('a pop-up reaches the page that opened it', {}, async (page) => {
  const signIn = client.signIn();
  await page.goto(`${client.origin}/opener#${encodeURIComponent(signIn.url)}`);
  const opened = page.waitForEvent('popup');
  await button(page, 'Sign in').click();
  const popup = await opened;
  await button(popup, 'Continue with').click();
  await button(popup, 'Ada Lovelace').click();
  await assertSignedIn(signIn);
  await page.waitForFunction(() => document.title.startsWith('Heard ?'));
});

journey('a sign-in link opened in another browser ends there', {}, async (page) => {
  await page.goto(client.signIn().url);
  await button(page, 'Continue with').click();
  await page.waitForURL(`${ISSUER}/login/dev?*`);
  const { context, problems } = await watched(browser);
  const elsewhere = await context.newPage();
  const answer = await elsewhere.goto(page.url());
  assert.equal(answer.status(), 400);
  assert.ok(await elsewhere.getByText('did not start in this browser').isVisible());
  assert.equal(await elsewhere.getByRole('button').count(), 0);
  await screenshot(elsewhere, 'journey-other-browser');
  await context.close();
  assert.deepEqual(problems, []);
});

journey('an unknown client gets a page that says how to register again', {}, async (page) => {
  const url = new URL(client.signIn().url);
  url.searchParams.set('client_id', `${client.id}x`);
  const answer = await page.goto(url.href);
  assert.equal(answer.status(), 400);
  assert.ok(await page.getByText('~/.mcp-auth').isVisible());
  await screenshot(page, 'journey-unknown-client');
});

journey('the front door shows the address to paste', {}, async (page) => {
  await page.goto(ISSUER);
  assert.equal(await page.locator('.url').textContent(), `${ISSUER}/mcp`);
  await page.getByText('Cursor', { exact: true }).click();
  assert.ok(await page.getByText('"mcpServers"').first().isVisible());
  await screenshot(page, 'journey-home');
  for (const link of await page.getByRole('link').all()) {
    const answer = await page.request.get(ISSUER + await link.getAttribute('href'));
    assert.equal(answer.status(), 200, answer.url());
  }
});
