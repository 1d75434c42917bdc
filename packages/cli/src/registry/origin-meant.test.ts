import { describe, expect, it } from 'vitest';
import { findMeantOrigin } from './origin-meant.js';

const PINS = [
  { url: 'https://registry.example.com', origin: 'wf.example.com' },
  { url: 'http://127.0.0.1:7433', origin: 'bb04aa73.sheaf.localhost' },
  { url: 'https://intranet.example.com', origin: 'intranet' },
];
const NAMES = new Map([
  ['one', { url: 'http://127.0.0.1:7433' }],
  ['fresh', { url: 'https://fresh.example.com' }],
]);
const meant = (text: string, ruled: readonly string[] = []) =>
  findMeantOrigin(text, { pins: PINS, names: NAMES, ruled });

describe('the registry of a rule', () => {
  it.each([
    ['wf.example.com', 'wf.example.com'],
    ['https://registry.example.com', 'wf.example.com'],
    ['https://registry.example.com/', 'wf.example.com'],
    ['HTTPS://Registry.Example.com', 'wf.example.com'],
    ['one', 'bb04aa73.sheaf.localhost'],
    ['intranet', 'intranet'],
  ])('is meant by %s', (text, origin) => {
    expect(meant(text)).toEqual({ origin, isKnown: true });
  });

  it('may be named by a host before it is pinned, and is told as unknown, with what looks like it', () => {
    expect(meant('other.example.org')).toEqual({ origin: 'other.example.org', isKnown: false });
    expect(meant('wf.exmaple.com')).toMatchObject({ isKnown: false, near: 'wf.example.com' });
  });

  it('is never a word that nothing here is called', () => {
    for (const text of ['nosuchthing', 'ones', 'constructor', '', '-', 'Two Words', 'a/b'])
      expect(() => meant(text), text).toThrow(expect.objectContaining({ code: 'usage.registry' }));
    expect(() => meant('ones')).toThrow(
      expect.objectContaining({
        hint: expect.arrayContaining(['did you mean --registry one']) as unknown,
      }),
    );
  });

  it('is one that a rule names, although nothing is pinned under it', () => {
    expect(meant('nosuchthing', ['nosuchthing'])).toEqual({ origin: 'nosuchthing', isKnown: true });
  });

  it('has to be pinned to be named by its address or its name', () => {
    for (const text of ['fresh', 'https://fresh.example.com', 'http://registry.example.com'])
      expect(() => meant(text), text).toThrow(expect.objectContaining({ code: 'log.key_unpinned' }));
  });

  it('is refused when a word is the origin of one and the name of another', () => {
    const names = new Map([['intranet', { url: 'https://registry.example.com' }]]);
    expect(() => findMeantOrigin('intranet', { pins: PINS, names })).toThrow(
      expect.objectContaining({ code: 'usage.registry' }),
    );
    const same = new Map([['intranet', { url: 'https://intranet.example.com' }]]);
    expect(findMeantOrigin('intranet', { pins: PINS, names: same }).origin).toBe('intranet');
  });
});
