import { describe, expect, it } from 'vitest';
import { ClientError } from './errors.js';
import { createRegistryClient, type RegistryClientOptions } from './registry-client.js';

const open = (options: Partial<RegistryClientOptions>) =>
  createRegistryClient({ url: 'https://registry.test', ...options });

describe('the options of a client', () => {
  it('are times and numbers that can be kept to', () => {
    for (const timeoutMs of [0, -1, 1.5, NaN, Infinity, 86_400_001])
      expect(() => open({ timeoutMs })).toThrow(
        new RangeError(`timeoutMs must be a whole number from 1 to 86400000, and is ${String(timeoutMs)}`),
      );
    for (const retries of [-1, 0.5, NaN, Infinity])
      expect(() => open({ retry: { retries } })).toThrow(
        /^retry\.retries must be a whole number from 0 to 100/,
      );
    for (const maxDelayMs of [-1, NaN, Infinity])
      expect(() => open({ retry: { maxDelayMs } })).toThrow(/^retry\.maxDelayMs must be/);
    expect(open({ timeoutMs: 1, retry: { retries: 0, maxDelayMs: 0 } }).url).toBe('https://registry.test');
  });

  it('may all be undefined, which is the default', () => {
    const options = { timeoutMs: undefined, onRetry: undefined, dispatcher: undefined, spkiPins: undefined };
    expect(open({ ...options, retry: { retries: undefined, maxDelayMs: undefined } }).url).toBeDefined();
    expect(open({ ...options, retry: undefined }).url).toBeDefined();
  });

  it('are no empty list of pins, which would leave the registry unpinned without a word', () => {
    expect(() => open({ spkiPins: [] })).toThrow(ClientError);
    expect(() => open({ spkiPins: [] })).toThrow(
      'the list of pins for https://registry.test is empty, which no certificate could fit',
    );
  });
});
