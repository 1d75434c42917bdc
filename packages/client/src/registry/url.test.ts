import { describe, expect, it } from 'vitest';
import { thrown } from '../testing/failure.js';
import { isLoopback, normalizeRegistryUrl } from './url.js';

describe('normalizeRegistryUrl', () => {
  it('gives every spelling of an address the same text', () => {
    expect(normalizeRegistryUrl('HTTPS://WF.Example.com:443/')).toBe('https://wf.example.com');
    expect(normalizeRegistryUrl('http://127.0.0.1:7433')).toBe('http://127.0.0.1:7433');
    expect(normalizeRegistryUrl('https://host/a/b//')).toBe('https://host/a/b');
  });

  it.each([
    '',
    'wf.example.com',
    'ftp://host',
    'file:///etc',
    'https://host/?q',
    'https://host/#x',
    'javascript:alert(1)',
  ])('refuses %j', async (text) => {
    await thrown(() => normalizeRegistryUrl(text), 'registry.url_invalid');
  });

  it.each([
    'https://ana:hunter2@host',
    'https:ana:hunter2@host',
    'https://ana:x/hunter2@host',
    `https://ana:hunter2${'x'.repeat(300)}@host`,
    'https://host/?token=hunter2',
    'https://host/#hunter2',
  ])('does not repeat the secret of %s', async (text) => {
    const error = await thrown(() => normalizeRegistryUrl(text), 'registry.url_invalid');
    expect(error.message).not.toContain('hunter2');
  });
});

describe('isLoopback', () => {
  it.each(['http://127.0.0.1', 'http://127.9.9.9:1', 'http://localhost:80', 'http://[::1]'])(
    'holds for %s',
    (url) => {
      expect(isLoopback(new URL(url))).toBe(true);
    },
  );

  it.each(['http://127.0.0.1.evil.com', 'http://localhost.evil.com', 'http://10.0.0.1', 'http://[::2]'])(
    'does not hold for %s',
    (url) => {
      expect(isLoopback(new URL(url))).toBe(false);
    },
  );
});
