// Chromium as these tests drive it: quiet, and watched for everything a person's console would show.
//
// Invariant: what a page tries and its policy forbids fails the test that opened it.

import { chromium } from 'playwright-core';

const ARGUMENTS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** Starts the browser that the environment variable CHROMIUM names. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGUMENTS });
}

/** A browser context whose pages add what goes wrong on them to `problems`. */
export async function watched(browser, options = {}) {
  const context = await browser.newContext(options);
  const problems = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => problems.push(`${page.url()}: ${error}`));
    page.on('console', (message) => {
      // A page that refuses has an error status, and Chromium's console repeats it.
      const ownStatus = message.text().startsWith('Failed to load resource')
        && message.location().url === page.url();
      if (['error', 'warning'].includes(message.type()) && !ownStatus) {
        problems.push(`${page.url()}: ${message.text()}`);
      }
    });
  });
  return { context, problems };
}

/** How far a page reaches beyond its window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** Keeps a picture of the whole page. */
export function screenshot(page, name) {
  return page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
}
