// A page of another origin calls the MCP endpoint, if the operator lists it.
//
// Invariant: the pages are strangers: they know an address and a key, and the browser decides what
// they may send and read.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

const { ISSUER, KEY, PORT } = process.env;
const PAGE = '<!doctype html><title>A playground</title><link rel="icon" href="data:,">';

let site;
let browser;

before(async () => {
  site = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(PAGE));
  await once(site.listen(Number(PORT), '127.0.0.1'), 'listening');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--host-resolver-rules=MAP *.example 127.0.0.1', '--disable-gpu', '--no-first-run'],
  });
});

after(async () => {
  await browser.close();
  site.close();
});

/** What a page at `host` gets from the endpoint at `path`. */
async function asked(host, path, request) {
  const page = await browser.newPage();
  try {
    await page.goto(`http://${host}:${PORT}/`);
    return await page.evaluate(async ([url, wanted]) => {
      try {
        const answer = await fetch(url, wanted);
        const reader = answer.body.getReader();
        const first = await reader.read();
        await reader.cancel();
        return {
          status: answer.status,
          challenge: answer.headers.get('www-authenticate'),
          text: new TextDecoder().decode(first.value),
        };
      } catch (error) {
        return { failed: error.name };
      }
    }, [`${ISSUER}${path}`, request]);
  } finally {
    await page.close();
  }
}

function posted(credentials) {
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...credentials,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'add', arguments: { a: 23, b: 19 } },
    }),
  };
}

test('a page that is listed calls a tool and reads the answer', async () => {
  const called = await asked('app.example', '/mcp', posted({ 'x-api-key': KEY }));
  assert.equal(called.status, 200, JSON.stringify(called));
  assert.match(called.text, /"42"/);
});

test('a page that is listed opens a stream', async () => {
  const stream = await asked('app.example', '/sse', { headers: { 'x-api-key': KEY } });
  assert.equal(stream.status, 200, JSON.stringify(stream));
  assert.match(stream.text, /event: endpoint/);
});

test('a page that is listed reads why it is refused, and where to sign in', async () => {
  const refused = await asked('app.example', '/mcp', posted({}));
  assert.equal(refused.status, 401);
  assert.match(refused.challenge, /resource_metadata="/);
});

test('a page that is not listed reads nothing', async () => {
  for (const path of ['/mcp', '/sse']) {
    const called = await asked('other.example', path, posted({ 'x-api-key': KEY }));
    assert.deepEqual(called, { failed: 'TypeError' }, path);
  }
});
