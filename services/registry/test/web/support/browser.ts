import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** Of Debian's package, or whatever `SHEAF_TEST_CHROMIUM` names. */
const PROGRAM = process.env['SHEAF_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether pages can be looked at here. With `CI=true` they must: the tests then fail instead of being skipped. */
export const hasBrowser = existsSync(PROGRAM) || process.env['CI'] === 'true';

/** Real Chromium, without a window. One for each file of tests: it takes half a second to start. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: PROGRAM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-dev-shm-usage',
    ],
  });
}

/** A page as somebody opened it, and what went wrong meanwhile. */
export interface OpenedPage {
  readonly page: Page;
  /** Status of the answer, and its size as it was sent. */
  readonly status: number;
  /** Errors of scripts, what the policy of the page refused, and requests to anywhere else. */
  readonly faults: readonly string[];
}

export interface OpenOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly hasScripts?: boolean;
  /** Value of the session's cookie. */
  readonly session?: string;
}

/** A new visitor: nothing is remembered of others. */
export function newVisitor(
  browser: Browser,
  url: string,
  options: OpenOptions = {},
): Promise<BrowserContext> {
  const { theme = 'light', width = 1024, hasScripts = true, session } = options;
  return browser
    .newContext({
      baseURL: url,
      colorScheme: theme,
      viewport: { width, height: 800 },
      javaScriptEnabled: hasScripts,
      reducedMotion: 'reduce',
      ...(session !== undefined && {
        storageState: {
          origins: [],
          cookies: [
            {
              name: 'sheaf-session',
              value: session,
              domain: new URL(url).hostname,
              path: '/',
              expires: -1,
              httpOnly: true,
              secure: false,
              sameSite: 'Lax',
            },
          ],
        },
      }),
    })
    .then((context) => {
      context.setDefaultTimeout(30_000);
      return context;
    });
}

/** Opens an address of the registry, and waits until all that belongs to the page is there. */
export async function openPage(context: BrowserContext, path: string): Promise<OpenedPage> {
  const faults: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // A page of a problem is a failed request too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(`console: ${message.text()}`);
  });
  let own = '';
  page.on('request', (request) => {
    if (own !== '' && new URL(request.url()).origin !== own) faults.push(`request: ${request.url()}`);
  });
  const response = await page.goto(path, { waitUntil: 'load' });
  own = new URL(page.url()).origin;
  return { page, status: response?.status() ?? 0, faults };
}
