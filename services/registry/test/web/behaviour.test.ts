import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestRegistry } from '../support/test-registry.js';
import { hasBrowser, newVisitor, openBrowser, openPage, type OpenOptions } from './support/browser.js';
import { publishCatalogue } from './support/catalogue.js';
import { startWebRegistry } from './support/web-registry.js';

describe.skipIf(!hasBrowser)('in Chromium', () => {
  let registry: TestRegistry;
  let browser: Browser;
  beforeAll(async () => {
    registry = await startWebRegistry();
    await publishCatalogue(registry);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await registry.close();
  });

  const visit = async (path: string, options: OpenOptions = {}) => {
    const context = await newVisitor(browser, registry.url, options);
    return { context, ...(await openPage(context, path)) };
  };

  test('searching, narrowing and paging need no script', async () => {
    const { context, page } = await visit('/', { hasScripts: false });
    expect(await page.getByRole('button', { name: 'Copy' }).isVisible()).toBe(false);
    await page.getByRole('searchbox').fill('release');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/search?q=release');
    expect(await page.getByRole('status').innerText()).toBe('2 workflows');
    await page.getByRole('link', { name: 'deprecated' }).click();
    await page.waitForURL('**/search?q=release&state=deprecated');
    expect(await page.getByRole('status').innerText()).toBe('1 workflow');
    expect(await page.getByRole('article').innerText()).toContain('deprecated');
    await page.getByRole('link', { name: /deprecated chosen/ }).click();
    await page.waitForURL('**/search?q=release');
    await context.close();
  });

  test('the first key leads to the content, and the slash to the search', async () => {
    const { context, page, faults } = await visit('/tags');
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the content' });
    expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true);
    expect((await skip.boundingBox())?.x).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.keyboard.press('/');
    const box = page.getByRole('searchbox');
    expect(await box.evaluate((input) => input === document.activeElement)).toBe(true);
    await page.keyboard.type('a/b');
    expect(await box.inputValue()).toBe('a/b');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a theme that was chosen is kept on the next page, without a flash of the other', async () => {
    const { context, page, faults } = await visit('/', { theme: 'light' });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel('Theme').selectOption('dark');
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.goto('/tags', { waitUntil: 'commit' });
    await page.waitForSelector('h1');
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    expect(await ground()).toBe(dark);
    await page.getByLabel('Theme').selectOption('auto');
    expect(await ground()).toBe(light);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('copying copies, and says so', async () => {
    const { context, page } = await visit('/');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const button = page.getByRole('button', { name: /^Copy/ });
    await button.click();
    await page.getByRole('button', { name: /^Copied/ }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split('\n').at(-1)).toBe('sheaf run acme/release-notes');
    await context.close();
  });

  test('nothing runs that the build has not made, wherever it comes from', async () => {
    const { context, page, faults } = await visit('/');
    const ran = await page.evaluate(async () => {
      const state = { ran: false };
      Object.assign(globalThis, { state });
      const inline = document.createElement('div');
      inline.innerHTML = '<img src="/nothing" onerror="state.ran = true"><style>body{color:red}</style>';
      document.body.append(inline);
      document.body.insertAdjacentHTML('beforeend', '<a id="evil" href="javascript:state.ran = true">x</a>');
      document.getElementById('evil')?.click();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return state.ran;
    });
    expect(ran).toBe(false);
    expect(faults.join('\n')).toMatch(/Content Security Policy/);
    await context.close();
  });
});
