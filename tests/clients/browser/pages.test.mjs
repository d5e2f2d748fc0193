// Every page in every state, as a file of answers that the crate `pages` made.
//
// Invariant: nothing is served here but those answers, byte for byte and header by header.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { launch, overflow, screenshot, watched } from './chromium.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = JSON.parse(readFileSync(process.env.PAGES, 'utf8'));
const MOST_BYTES = 12 * 1024;

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Opens pages by name; nothing else exists in this browser. */
async function open(options) {
  const { context, problems } = await watched(browser, options);
  await context.route('**/*', (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    const answer = PAGES[name];
    return answer ? route.fulfill(answer) : route.abort();
  });
  return { context, problems, page: await context.newPage() };
}

async function background(page) {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

for (const width of [320, 1280]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`every page reads well at ${width} pixels in ${colorScheme}`, async () => {
      const { context, page, problems } = await open({ colorScheme, viewport: { width, height: 800 } });
      const paper = new Set();
      for (const [name, answer] of Object.entries(PAGES)) {
        await page.goto(`http://pages.test/${name}`);
        assert.ok(answer.body.length < MOST_BYTES, `${name} has ${answer.body.length} bytes`);
        // Everything that can be opened is open: it must fit too.
        await page.evaluate(() => document.querySelectorAll('details').forEach((part) => { part.open = true; }));
        assert.equal(await overflow(page), 0, `${name} scrolls sideways`);
        await screenshot(page, `${name}-${colorScheme}-${width}`);
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => window.axe.run());
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
        assert.deepEqual(found, [], name);
        paper.add(await background(page));
      }
      assert.deepEqual(problems, []);
      assert.equal(paper.size, 1, 'all pages are on the same paper');
      const [, red] = [...paper][0].match(/rgb\((\d+)/);
      assert.equal(Number(red) < 128, colorScheme === 'dark', 'the paper follows the colour scheme');
      await context.close();
    });
  }
}

test('a page can be read at twice the text size', async () => {
  const { context, page } = await open({ viewport: { width: 640, height: 800 } });
  for (const name of Object.keys(PAGES)) {
    await page.goto(`http://pages.test/${name}`);
    // Through the style object: the policy forbids a style attribute, as it should.
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    assert.equal(await overflow(page), 0, `${name} scrolls sideways`);
  }
  await context.close();
});

test('the hostile name is text, and nothing else on its page is its own', async () => {
  const { context, page } = await open({});
  await page.goto('http://pages.test/consent-hostile');
  const heading = await page.getByRole('heading', { level: 1 }).textContent();
  assert.match(heading, /^<img src=x onerror=alert\(1\)>gnp\.exe/);
  assert.equal(await page.locator('img, script, iframe, object, embed').count(), 0);
  await context.close();
});

test('a script, an outer style or an outer image has no effect on a page', async () => {
  const { context, page, problems } = await open({});
  await page.goto('http://pages.test/consent-web');
  await page.evaluate(() => {
    const add = (name, attributes, text) => {
      const element = Object.assign(document.createElement(name), attributes);
      element.append(text);
      document.body.append(element);
    };
    add('script', {}, 'document.title = "taken"');
    add('style', {}, 'body { display: none !important }');
    add('img', { src: 'http://elsewhere.test/pixel' }, '');
  });
  await page.waitForTimeout(100);
  assert.equal(await page.title(), 'Allow this connection? · Postern');
  assert.ok(await page.getByRole('heading', { level: 1 }).isVisible());
  assert.equal(problems.filter((problem) => problem.includes('Content Security Policy')).length, 3, problems.join('\n'));
  await context.close();
});
