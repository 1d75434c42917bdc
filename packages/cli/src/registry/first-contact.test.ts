import { expect, it } from 'vitest';
import { createTestRegistry } from '../../../client/src/testing/test-registry.js';
import { readGivenKey } from './first-contact.js';

const { logKey } = createTestRegistry().log;

it('a log key that is given is taken from the flag, else from the environment', () => {
  expect(readGivenKey(undefined, {})).toBeUndefined();
  expect(readGivenKey(undefined, { SHEAF_LOG_KEY: '' })).toBeUndefined();
  expect(readGivenKey(undefined, { SHEAF_LOG_KEY: logKey })).toBe(logKey);
  expect(readGivenKey(logKey, { SHEAF_LOG_KEY: 'junk' })).toBe(logKey);
});

it('a log key that is none, or was cut, is called so, with what gave it', () => {
  const code = 'log.key_invalid';
  const messageOf = (text: string) => expect.stringContaining(text) as string;
  for (const [flag, env, text] of [
    [undefined, { SHEAF_LOG_KEY: 'junk' }, 'SHEAF_LOG_KEY is no log key'],
    [logKey.slice(0, -4), {}, '--log-key is no log key'],
    ['', {}, '--log-key is empty'],
  ] as const)
    expect(() => readGivenKey(flag, env)).toThrow(
      expect.objectContaining({ code, message: messageOf(text) }) as Error,
    );
});
