import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPageRoutes } from '../../src/web/routes/index.js';
import type { TestRegistry } from '../support/test-registry.js';
import { call } from '../support/upload.js';
import { auditPage } from './support/axe.js';
import { takePicture } from './support/picture.js';
import { hasBrowser, newVisitor, openBrowser, openPage } from './support/browser.js';
import { publishCatalogue, signInAs } from './support/catalogue.js';
import { PAGE_LIST, type ListedPage } from './support/page-list.js';
import { startWebRegistry } from './support/web-registry.js';

/** Where pictures of all pages go; set by `scripts/screens.mjs`. */
const SCREENS = process.env['SHEAF_SCREENS'];
const NAMES = (process.env['SHEAF_SCREEN_NAMES'] ?? '').split(',').filter((name) => name !== '');
const WIDTHS = (process.env['SHEAF_SCREEN_WIDTHS'] ?? '1024').split(',').map(Number);
/** What a page may weigh, compressed. */
const MOST_HTML_BYTES = 12 * 1024;
const MOST_CSS_BYTES = 10 * 1024;
const MOST_SCRIPT_BYTES = 3 * 1024;

let registry: TestRegistry;
const sessions = new Map<string, string>();

beforeAll(async () => {
  registry = await startWebRegistry();
  await publishCatalogue(registry);
  sessions.set('owner', await signInAs(registry, 'ana'));
  sessions.set('admin', await signInAs(registry, 'root', true));
});
afterAll(() => registry.close());

const sessionOf = ({ as }: ListedPage) => (as === undefined ? undefined : sessions.get(as));

test('every page is in the list of those that are audited', () => {
  const routes = createPageRoutes(registry.deps)
    .filter(({ method, path }) => method === 'get' && !path.startsWith('/-/') && path !== '/robots.txt')
    .map(({ path }) => path);
  const listed = new Set(PAGE_LIST.map(({ route }) => route));
  expect(routes.filter((route) => !listed.has(route))).toEqual([]);
  expect(new Set(PAGE_LIST.map(({ name }) => name)).size).toBe(PAGE_LIST.length);
});

test('what pages load is small', () => {
  const { files, boot } = registry.deps.assets;
  const packed = (extension: string) =>
    [...files]
      .filter(([path]) => path.startsWith('/-/site.') && path.endsWith(extension))
      .map(([, { bytes }]) => bytes);
  const [css, script] = [packed('.css'), packed('.js')];
  expect([css.length, script.length]).toEqual([1, 1]);
  expect(gzipSync(css[0] ?? '').length).toBeLessThan(MOST_CSS_BYTES);
  expect((script[0]?.length ?? Infinity) + boot.length).toBeLessThan(MOST_SCRIPT_BYTES);
});

describe.skipIf(!hasBrowser)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test.each(PAGE_LIST)('$name can be used by everybody, and is small', async (listed) => {
    const session = sessionOf(listed);
    const context = await newVisitor(browser, registry.url, { ...(session !== undefined && { session }) });
    const { page, status, faults } = await openPage(context, listed.path);
    expect(status).toBe(listed.status ?? 200);
    expect(await page.locator('h1').count()).toBe(1);
    // Everything in one theme, and what depends on colours in the other.
    expect(await auditPage(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await auditPage(page, { runOnly: ['color-contrast'] })).toEqual([]);
    // At 320 pixels, which is 1280 at 400 %, nothing is wider than the page (WCAG 1.4.10).
    await page.setViewportSize({ width: 320, height: 800 });
    const overhang = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    expect(await page.evaluate(overhang)).toBeLessThanOrEqual(0);
    expect(faults).toEqual([]);
    await context.close();
    const headers = {
      accept: 'text/html',
      ...(session !== undefined && { cookie: `sheaf-session=${session}` }),
    };
    const { bytes } = await call(registry, listed.path, { headers });
    expect(gzipSync(bytes).length).toBeLessThan(MOST_HTML_BYTES);
  });

  test.skipIf(SCREENS === undefined)('pictures of every page', async () => {
    const wanted = PAGE_LIST.filter(({ name }) => NAMES.length === 0 || NAMES.includes(name));
    for (const listed of wanted) {
      const session = sessionOf(listed);
      const context = await newVisitor(browser, registry.url, { ...(session !== undefined && { session }) });
      const { page } = await openPage(context, listed.path);
      for (const theme of ['light', 'dark'] as const)
        for (const width of WIDTHS) {
          await page.emulateMedia({ colorScheme: theme });
          await page.setViewportSize({ width, height: 800 });
          const name = [listed.name, theme, ...(WIDTHS.length === 1 ? [] : [width])].join('-');
          await takePicture(page, join(SCREENS ?? '', name));
        }
      await context.close();
    }
  });
});
