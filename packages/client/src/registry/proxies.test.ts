import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProxies } from './proxies.js';

const PROXY = 'http://proxy.test:3128';

function originFor(env: Readonly<Record<string, string>>, url = 'https://registry.test'): string | undefined {
  return readProxies(env).find(new URL(url))?.origin;
}

function isDirect(noProxy: string, url: string): boolean {
  return originFor({ ALL_PROXY: PROXY, NO_PROXY: noProxy }, url) === undefined;
}

describe('readProxies', () => {
  it('takes the variable of the scheme, the lower case first, then ALL_PROXY', () => {
    expect(originFor({})).toBeUndefined();
    expect(originFor({ HTTPS_PROXY: PROXY })).toBe(PROXY);
    expect(originFor({ HTTPS_PROXY: 'http://upper.test', https_proxy: PROXY })).toBe(PROXY);
    expect(originFor({ HTTP_PROXY: PROXY })).toBeUndefined();
    expect(originFor({ HTTP_PROXY: PROXY }, 'http://registry.test')).toBe(PROXY);
    expect(originFor({ ALL_PROXY: PROXY, HTTPS_PROXY: ' ' })).toBe(PROXY);
    expect(originFor({ all_proxy: 'https://proxy.test' })).toBe('https://proxy.test');
  });

  it('takes a host without a scheme for a proxy of plain http', () => {
    expect(originFor({ HTTPS_PROXY: 'proxy.test:3128' })).toBe(PROXY);
    expect(originFor({ HTTPS_PROXY: 'user:pass@proxy.test:3128' })).toBe(PROXY);
  });

  it('keeps the password out of everything but the header', () => {
    const proxy = readProxies({ HTTPS_PROXY: 'http://ana:s%40cret@proxy.test:3128/' }).find(
      new URL('https://registry.test'),
    );
    expect(proxy).toEqual({
      origin: PROXY,
      authorization: `Basic ${Buffer.from('ana:s@cret').toString('base64')}`,
      variable: 'HTTPS_PROXY',
    });
  });

  it('does not believe HTTP_PROXY where a web server sets it from a header', () => {
    const env = { HTTP_PROXY: PROXY, REQUEST_METHOD: 'GET' };
    expect(originFor(env, 'http://registry.test')).toBeUndefined();
    expect(originFor({ ...env, http_proxy: PROXY }, 'http://registry.test')).toBe(PROXY);
  });

  it('refuses what is no proxy when an address needs it, and not before, without its password', () => {
    for (const value of [
      'socks5://u:s3cret@proxy.test',
      'http://u:s3cret@',
      'http://u:s3cret%zz@proxy.test',
    ]) {
      const proxies = readProxies({ HTTPS_PROXY: value });
      expect(proxies.find(new URL('https://localhost'))).toBeUndefined();
      const find = () => proxies.find(new URL('https://registry.test'));
      expect(find).toThrow(expect.objectContaining({ code: 'proxy.invalid' }) as Error);
      expect(find).toThrow(/^(?!.*s3cret)HTTPS_PROXY does not name a proxy/);
    }
  });

  it('never sends what stays on this machine through a proxy', () => {
    for (const host of ['localhost', '127.0.0.1:8080', '127.9.9.9', '[::1]:80'])
      expect(originFor({ ALL_PROXY: PROXY }, `https://${host}`)).toBeUndefined();
  });

  it('excepts names with what is below them, addresses, blocks and ports', () => {
    const cases: readonly (readonly [string, string, boolean])[] = [
      ['*', 'https://registry.test', true],
      ['registry.test', 'https://registry.test', true],
      ['REGISTRY.test', 'https://registry.TEST.', true],
      ['test', 'https://registry.test', true],
      ['.test', 'https://registry.test', true],
      ['*.test', 'https://registry.test', true],
      ['gistry.test', 'https://registry.test', false],
      ['registry.test.evil', 'https://registry.test', false],
      ['a.test, registry.test\tb.test', 'https://registry.test', true],
      ['registry.test:443', 'https://registry.test', true],
      ['registry.test:8443', 'https://registry.test', false],
      ['registry.test:8443', 'https://registry.test:8443', true],
      ['registry.test:80', 'http://registry.test', true],
      ['10.1.2.3', 'https://10.1.2.3', true],
      ['10.1.2.3', 'https://10.1.2.30', false],
      ['10.0.0.0/8', 'https://10.200.3.4', true],
      ['10.0.0.0/8', 'https://11.0.0.1', false],
      ['10.0.0.0/8', 'https://10.registry.test', false],
      ['10.0.0.0/99', 'https://10.0.0.1', false],
      ['10.1.2.3:8443', 'https://10.1.2.3', false],
      ['fd00::1', 'https://[fd00::1]', true],
      ['[fd00::1]:8443', 'https://[fd00::1]:8443', true],
      ['fd00::/8', 'https://[fdff::9]:8443', true],
      ['fd00::/8', 'https://[fe80::9]', false],
      ['', 'https://registry.test', false],
      ['., ,:', 'https://registry.test', false],
    ];
    for (const [noProxy, url, direct] of cases)
      expect([noProxy, url, isDirect(noProxy, url)]).toEqual([noProxy, url, direct]);
  });

  it('reads any text in NO_PROXY without failing, and finds a name that stands in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(isDirect(`${before},registry.test ${after}`, 'https://registry.test')).toBe(true);
      }),
    );
  });
});
