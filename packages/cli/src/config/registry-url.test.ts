import { describe, expect, it } from 'vitest';
import { normaliseRegistryUrl } from './registry-url.js';

describe('normaliseRegistryUrl', () => {
  it('gives each registry one spelling', () => {
    expect(normaliseRegistryUrl('HTTPS://Example.com:443/base//')).toBe('https://example.com/base');
  });

  it.each([
    'example.com',
    'ftp://example.com',
    'ftp://ana:hunter2@example.com',
    'https://ana:hunter2@example.com',
    'https://ana:hunter2@',
    'https://ana:x/hunter2@example.com',
    'ana:hunter2@example.com',
    'https://example.com?hunter2',
    'https://exa mple.com?token=hunter2',
    'https://example.com#hunter2',
  ])('refuses %s without repeating what may be secret in it', (text) => {
    expect(() => normaliseRegistryUrl(text)).toThrow(
      expect.objectContaining({
        code: 'usage.registry',
        message: expect.not.stringContaining('hunter2') as string,
      }) as Error,
    );
  });
});
