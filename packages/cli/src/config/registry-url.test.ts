import { describe, expect, it } from 'vitest';
import { chooseRegistry, DEFAULT_REGISTRY, normaliseRegistryUrl } from './registry-url.js';

const configured = () => Promise.resolve('https://configured.example');
const nothing = () => Promise.resolve(undefined);

describe('chooseRegistry', () => {
  it('prefers flag to environment to configuration to the default', async () => {
    const env = { SHEAF_REGISTRY: 'https://env.example' };
    expect(await chooseRegistry('https://flag.example', env, configured)).toEqual({
      url: 'https://flag.example',
      from: '--registry',
    });
    expect(await chooseRegistry(undefined, env, configured)).toEqual({
      url: 'https://env.example',
      from: 'SHEAF_REGISTRY',
    });
    expect(await chooseRegistry(undefined, {}, configured)).toEqual({
      url: 'https://configured.example',
      from: 'config.toml',
    });
    expect(await chooseRegistry(undefined, { SHEAF_REGISTRY: '' }, nothing)).toEqual({
      url: DEFAULT_REGISTRY,
      from: 'default',
    });
  });
});

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
