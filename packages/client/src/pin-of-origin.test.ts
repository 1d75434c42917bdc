import { describe, expect, it } from 'vitest';
import { addressesOf, pinOfOrigin } from './pin-of-origin.js';
import { PUBLIC_REALM, type Pin } from './pin.js';
import { thrown } from './testing/failure.js';

const ORIGIN = 'wf.example.com';
const HERE = 'http://127.0.0.1:7433';
const THERE = 'http://localhost:7433';

function pin(url: string, day: number, parts: Partial<Pin> = {}): Pin {
  const pinnedAt = `2026-03-0${day}T00:00:00.000Z`;
  return { url, origin: ORIGIN, logKey: 'one', pinnedAt, realms: new Map(), namespaces: new Map(), ...parts };
}

const seen = (size: number, day = 9) => ({
  checkpoint: `${ORIGIN}/log/public\n${size}\nroot\n`,
  checkedAt: `2026-03-0${day}T00:00:00.000Z`,
});

describe('the pin of an origin', () => {
  it('is the oldest of its addresses, whatever else is pinned', () => {
    const pins = [pin('https://a.example.com', 3), pin(HERE, 1), pin('https://z.example.com', 2)];
    expect(pinOfOrigin(pins, ORIGIN)?.url).toBe(HERE);
    expect(pinOfOrigin([...pins, pin(THERE, 4)].reverse(), ORIGIN)?.url).toBe(HERE);
    expect(pinOfOrigin([...pins, pin(THERE, 1, { origin: 'other' })], ORIGIN)?.url).toBe(HERE);
    expect(pinOfOrigin(pins, 'unknown.example.com')).toBeUndefined();
  });

  it('is the one at the address that is meant, if it is one of them', () => {
    const pins = [pin(HERE, 1), pin(THERE, 2)];
    expect(pinOfOrigin(pins, ORIGIN, { url: THERE })?.url).toBe(THERE);
    expect(pinOfOrigin(pins, ORIGIN, { url: 'https://elsewhere.example.com' })?.url).toBe(HERE);
  });

  it('knows the most of each log that was seen at any address', () => {
    const first = pin(HERE, 1, {
      realms: new Map([
        [PUBLIC_REALM, seen(10, 9)],
        ['acme', seen(4, 5)],
      ]),
      namespaces: new Map([['acme', 'acme']]),
    });
    const second = pin(THERE, 2, {
      realms: new Map([
        [PUBLIC_REALM, seen(9, 10 - 1)],
        ['acme', seen(4, 6)],
        ['private', seen(1)],
      ]),
      namespaces: new Map([
        ['acme', 'public'],
        ['corp', 'public'],
      ]),
    });
    const united = pinOfOrigin([first, second], ORIGIN);
    expect(united?.realms).toEqual(
      new Map([
        [PUBLIC_REALM, seen(10, 9)],
        ['acme', seen(4, 6)],
        ['private', seen(1)],
      ]),
    );
    expect(united?.namespaces).toEqual(
      new Map([
        ['acme', 'acme'],
        ['corp', 'public'],
      ]),
    );
    expect(pinOfOrigin([first, second], ORIGIN, { url: THERE })?.realms.get(PUBLIC_REALM)).toEqual(
      seen(10, 9),
    );
  });

  it('is refused under two keys with what mends it, unless an address or a rule says which', async () => {
    const there = pin(THERE, 2, { logKey: 'two', realms: new Map([[PUBLIC_REALM, seen(9)]]) });
    const pins = [pin(HERE, 1), there];
    const error = await thrown(() => pinOfOrigin(pins, ORIGIN), 'log.origin_taken');
    expect(error.message).toBe(`${ORIGIN} is pinned under two log keys: one at ${HERE}, another at ${THERE}`);
    expect(error.hint).toContain(`if that of ${HERE}, sheaf login ${THERE} --replace-log-key one;`);
    expect(error.hint).toContain(`if that of ${THERE}, sheaf login ${HERE} --replace-log-key two;`);
    expect(pinOfOrigin(pins, ORIGIN, { url: HERE })).toEqual(pins[0]);
    expect(pinOfOrigin(pins, ORIGIN, { url: THERE })).toEqual(there);
    expect(pinOfOrigin(pins, ORIGIN, { logKeys: ['two'] })).toEqual(there);
    expect(pinOfOrigin(pins, ORIGIN, { url: HERE, logKeys: ['two'] })).toEqual(there);
    expect(pinOfOrigin(pins, ORIGIN, { logKeys: ['three'] })).toBeUndefined();
    await thrown(() => pinOfOrigin(pins, ORIGIN, { logKeys: ['one', 'two'] }), 'log.origin_taken');
    expect(pinOfOrigin([pin(HERE, 1)], ORIGIN, { logKeys: ['two'] })?.url).toBe(HERE);
  });
});

describe('the addresses of a registry', () => {
  it('are those with its origin and its key, without its own', () => {
    const pins = [
      pin(HERE, 1),
      pin(THERE, 2),
      pin('https://c', 3, { logKey: 'two' }),
      pin('https://d', 3, { origin: 'd' }),
    ];
    expect(addressesOf(pins, pin(HERE, 1)).map(({ url }) => url)).toEqual([THERE]);
  });
});
