/** What a browser shows at last: a page, or the address outside of the site that it was sent to. */
interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  readonly external?: string;
}

/**
 * A browser without a window that knows one site: it keeps cookies, follows redirects within the site, and fills in the
 * forms of an identity provider.
 */
export interface UserAgent {
  /** Signs somebody in wherever `url` leads, agrees to everything, and returns the address outside that it ends at. */
  signIn(url: string, login: string): Promise<string>;
  /** Enters the code of a device, signs somebody in and agrees. */
  enterCode(url: string, login: string): Promise<void>;
}

const MAX_STEPS = 20;

export function createUserAgent(site: string): UserAgent {
  const cookies = new Map<string, string>();
  const { origin } = new URL(site);

  const go = async (address: string, init: RequestInit = {}): Promise<Page> => {
    let url = address;
    let options = init;
    for (let step = 0; step < MAX_STEPS; step++) {
      if (new URL(url).origin !== origin) return { url, status: 0, html: '', external: url };
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...(options.headers as Record<string, string> | undefined), cookie };
      const response = await fetch(url, { ...options, headers, redirect: 'manual' });
      for (const line of response.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        const at = pair.indexOf('=');
        cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      const html = await response.text();
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null)
        return { url, status: response.status, html };
      url = new URL(location, url).href;
      options = {};
    }
    throw new Error(`more than ${MAX_STEPS} redirects`);
  };

  const submit = (page: Page, fields: Readonly<Record<string, string>>): Promise<Page> => {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? page.url;
    const body = new URLSearchParams();
    for (const [input] of page.html.matchAll(/<input[^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(input)?.[1];
      if (name !== undefined) body.set(name, /value="([^"]*)"/.exec(input)?.[1] ?? '');
    }
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return go(new URL(action, page.url).href, {
      method: 'POST',
      body: body.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  };

  const agree = async (start: Page, login: string): Promise<Page> => {
    let page = start;
    for (let step = 0; step < MAX_STEPS && page.external === undefined; step++) {
      if (page.html.includes('name="login"'))
        page = await submit(page, { login, password: 'x', prompt: 'login' });
      else if (page.html.includes('value="consent"')) page = await submit(page, { prompt: 'consent' });
      else break;
    }
    return page;
  };

  return {
    signIn: async (url, login) => {
      const page = await agree(await go(url), login);
      if (page.external === undefined) throw new Error(`stuck at ${page.url}: ${page.status} ${page.html}`);
      return page.external;
    },
    enterCode: async (url, login) => {
      const code = new URL(url).searchParams.get('user_code') ?? '';
      let page = await go(url);
      // A page with the code that submits itself by a script, then the question whether it is the right device.
      for (let step = 0; step < 3 && page.html.includes('name="user_code"'); step++)
        page = await submit(page, {
          user_code: code,
          ...(page.html.includes('confirm') && { confirm: 'yes' }),
        });
      page = await agree(page, login);
      if (!/success/i.test(page.html)) throw new Error(`stuck at ${page.url}: ${page.status} ${page.html}`);
    },
  };
}
