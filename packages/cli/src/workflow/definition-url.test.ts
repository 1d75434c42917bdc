import { describe, expect, it } from 'vitest';
import { isAddress } from './address.js';
import { fetchDefinition, type Fetch } from './definition-url.js';

/** A web of addresses that answer with a text, or send on to another. */
function web(pages: Readonly<Record<string, string | { readonly to: string } | number>>): Fetch {
  return (url) => {
    const page = pages[url.href] ?? 404;
    if (typeof page === 'number') return Promise.resolve(new Response('', { status: page }));
    if (typeof page === 'string') return Promise.resolve(new Response(page));
    return Promise.resolve(new Response('', { status: 302, headers: { location: page.to } }));
  };
}

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

describe('a definition from an address', () => {
  it('is read, also where the address sends on', async () => {
    const fetch = web({
      'https://a.example/w.toml': { to: '/v2/w.toml' },
      'https://a.example/v2/w.toml': 'id = 1',
    });
    expect(await fetchDefinition('https://a.example/w.toml', fetch)).toBe('id = 1');
  });

  it.each(['http://a.example/w.toml', 'https://user:pw@a.example/w.toml', 'https://', 'file:///etc/passwd'])(
    'is refused from %s',
    async (word) => {
      await expect(fetchDefinition(word, web({}))).rejects.toThrow(code('usage.address'));
    },
  );

  it('is refused where it is sent on to what is not secure', async () => {
    const fetch = web({ 'https://a.example/': { to: 'http://a.example/' } });
    await expect(fetchDefinition('https://a.example/', fetch)).rejects.toThrow(code('usage.address'));
  });

  it('is not followed without end', async () => {
    const fetch = web({ 'https://a.example/': { to: 'https://a.example/' } });
    await expect(fetchDefinition('https://a.example/', fetch)).rejects.toThrow(code('network.address'));
  });

  it('is not read when it is missing, too large, or no text', async () => {
    await expect(fetchDefinition('https://a.example/', web({}))).rejects.toThrow('answered 404');
    const large = web({ 'https://a.example/': 'x'.repeat(1_048_577) });
    await expect(fetchDefinition('https://a.example/', large)).rejects.toThrow(code('definition.too_large'));
    const bytes: Fetch = () => Promise.resolve(new Response(new Uint8Array([0xff, 0xfe])));
    await expect(fetchDefinition('https://a.example/', bytes)).rejects.toThrow(code('network.address'));
    const broken: Fetch = () => Promise.reject(new Error('no route'));
    await expect(fetchDefinition('https://a.example/', broken)).rejects.toThrow('cannot be reached');
  });

  it('is told from a path and a reference', () => {
    expect(['https://a/b', 'HTTP://a/b', 'acme/x', './https:', 'a.toml'].map(isAddress)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
