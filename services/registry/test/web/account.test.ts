import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestRegistry } from '../support/test-registry.js';
import { call, callJson } from '../support/upload.js';
import { hasBrowser, newVisitor, openBrowser, openPage } from './support/browser.js';
import { signInAs } from './support/catalogue.js';
import { startWebRegistry } from './support/web-registry.js';

let registry: TestRegistry;
let session: string;

beforeAll(async () => {
  registry = await startWebRegistry();
  session = await signInAs(registry, 'ana');
});
afterAll(() => registry.close());

const send = (path: string, fields: Record<string, string>, headers: Record<string, string>) =>
  call(registry, path, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: {
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
      cookie: `sheaf-session=${session}`,
      ...headers,
    },
    redirect: 'manual',
  });

const countTokens = async () => (await registry.deps.db.selectFrom('tokens').select('id').execute()).length;

test.each([
  ['comes from another site', { 'sec-fetch-site': 'cross-site' }],
  ['does not say where it comes from', {}],
  ['has not the token of the session', { 'sec-fetch-site': 'same-origin' }],
])('a form that %s changes nothing', async (_what, headers) => {
  const before = await countTokens();
  const fields = { name: 'stolen', verb: 'publish', days: '30' };
  const { status } = await send('/account/tokens', fields, headers);
  expect([status, await countTokens()]).toEqual([403, before]);
});

test('a stranger is led to the sign-in, and back afterwards', async () => {
  const { status, headers } = await call(registry, '/account', {
    headers: { accept: 'text/html' },
    redirect: 'manual',
  });
  expect([status, headers.get('location')]).toEqual([303, `${registry.url}/auth/login?return=%2Faccount`]);
});

describe.skipIf(!hasBrowser)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('a token is made, shown once, does what it was made for, and ends when it is revoked', async () => {
    await callJson(registry, 'POST', '/v1/namespaces', { name: 'acme' });
    const context = await newVisitor(browser, registry.url, { session, hasScripts: false });
    const { page, faults } = await openPage(context, '/account');
    await page.getByRole('textbox', { name: 'Name' }).fill('for <the> robot');
    await page.getByRole('button', { name: 'Make the token' }).click();
    const token = await page.locator('#token').innerText();
    expect(token).toMatch(/^shf_/);
    const bearer = { headers: { authorization: `Bearer ${token}` } };
    const { json } = await call(registry, '/v1/whoami', bearer);
    expect(json).toMatchObject({ user: 'ana', token: { name: 'for <the> robot', scopes: ['read'] } });

    await page.goto('/account');
    expect(await page.content()).not.toContain(token);
    await page.getByRole('button', { name: 'Revoke for <the> robot' }).click();
    await page.waitForURL('**/account');
    expect(await page.getByText('for <the> robot').count()).toBe(0);
    expect((await call(registry, '/v1/whoami', bearer)).status).toBe(401);
    expect(faults).toEqual([]);
    await context.close();
  });
});
