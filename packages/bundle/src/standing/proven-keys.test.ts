import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../digest.js';
import { encodeUtf8 } from '../encoding/bytes.js';
import { signingKeyFromSeed } from '../keys/signing-key.js';
import type { SigningKey } from '../keys/types.js';
import { encodeLeaf, parseLeaf } from '../log/leaf.js';
import {
  encodeEnvelope,
  type Envelope,
  PAYLOAD_TYPE_KEY_EVENT,
  signEnvelope,
} from '../statement/envelope.js';
import { encodeKeyEvent, parseKeyEvent } from '../statement/key-event.js';
import { findBase64 } from '../encoding/base64.js';
import { codeOf } from '../testing/codes.js';
import { REGISTRY } from '../testing/world.js';
import { createWorldLog, WORLD_NAMESPACE, type WorldLog } from '../testing/world-log.js';
import { isKeyLeaf } from './authority.js';
import { foldKeyHistory } from './key-history.js';
import { proveKeyHistory, type SignedLogEvent } from './proven-keys.js';
import { encodeStanding, parseKeyHistory, parseStanding } from './standing.js';

const keyOf = (seed: number): SigningKey => signingKeyFromSeed(new Uint8Array(32).fill(seed));
const [A, B, EVIL] = [keyOf(1), keyOf(2), keyOf(3)] as const;
const PLACE = { registry: REGISTRY, namespace: WORLD_NAMESPACE };

function story(): WorldLog {
  const log = createWorldLog();
  log.addKey(A);
  log.addKey(B, [A]);
  log.setPolicy(2, [A, B]);
  log.revokeKey(A, [A], 1);
  return log;
}

function eventsOf(log: WorldLog): readonly Required<SignedLogEvent>[] {
  return log.leaves.map((leaf, index) => {
    const envelope = log.events.get(index);
    if (envelope === undefined) throw new Error(`leaf ${index} has no event`);
    return { index, leaf, envelope };
  });
}

/** The events, of which one is another. */
function changed(at: number, change: (event: Required<SignedLogEvent>) => SignedLogEvent) {
  return eventsOf(story()).map((event) => (event.index === at ? change(event) : event));
}

function payloadOf(envelope: Envelope): Uint8Array {
  return findBase64(envelope.payload) ?? new Uint8Array();
}

describe('proveKeyHistory', () => {
  it('answers what the leaves say when their keys have signed it, in any order', () => {
    const events = eventsOf(story());
    expect(proveKeyHistory(events, PLACE)).toEqual(foldKeyHistory(events, WORLD_NAMESPACE));
    expect(proveKeyHistory([...events].reverse(), PLACE)).toEqual(proveKeyHistory(events, PLACE));
  });

  it('refuses every event whose envelope is missing, another, or signed by another', () => {
    for (const { index } of eventsOf(story())) {
      const other = eventsOf(story())[index === 0 ? 1 : 0]?.envelope;
      if (other === undefined) throw new Error('two events');
      for (const change of [
        ({ index: at, leaf }: Required<SignedLogEvent>): SignedLogEvent => ({ index: at, leaf }),
        (event: Required<SignedLogEvent>): SignedLogEvent => ({ ...event, envelope: other }),
        (event: Required<SignedLogEvent>): SignedLogEvent => ({
          ...event,
          envelope: signEnvelope(PAYLOAD_TYPE_KEY_EVENT, payloadOf(event.envelope), [EVIL]),
        }),
      ]) {
        expect(codeOf(() => proveKeyHistory(changed(index, change), PLACE))).toBe('key.unauthorised');
      }
    }
  });

  it('refuses a key that the leaf names and that has not signed', () => {
    const log = createWorldLog();
    log.addKey(A);
    const at = log.addKey(EVIL, [A]);
    const honest = log.events.get(at);
    const leaf = parseLeaf(log.leaves[at] ?? new Uint8Array());
    if (honest === undefined || !isKeyLeaf(leaf)) throw new Error('a key event');
    const envelope = signEnvelope(PAYLOAD_TYPE_KEY_EVENT, payloadOf(honest), [EVIL]);
    const forged = encodeLeaf({ ...leaf, event: sha256Hex(encodeEnvelope(envelope)) });
    const events = [...eventsOf(log).slice(0, at), { index: at, leaf: forged, envelope }];
    // The leaves alone look well.
    expect(foldKeyHistory(events, WORLD_NAMESPACE).keys).toHaveLength(2);
    expect(() => proveKeyHistory(events, PLACE)).toThrow(/log index 1 is not what its keys have signed/);
  });

  it('refuses an event that says something else, for another namespace or registry', () => {
    expect(codeOf(() => proveKeyHistory(eventsOf(story()), { ...PLACE, registry: 'evil.example' }))).toBe(
      'key.unauthorised',
    );
    for (const other of [{ threshold: 1 }, { namespace: 'other' }, { replaces: 7 }]) {
      const events = changed(2, ({ index, leaf: bytes, envelope }) => {
        const event = { ...parseKeyEvent(payloadOf(envelope)), ...other };
        const signed = signEnvelope(PAYLOAD_TYPE_KEY_EVENT, encodeKeyEvent(event), [A, B]);
        const leaf = parseLeaf(bytes);
        if (!isKeyLeaf(leaf)) throw new Error('a key event');
        return {
          index,
          leaf: encodeLeaf({ ...leaf, event: sha256Hex(encodeEnvelope(signed)) }),
          envelope: signed,
        };
      });
      // The last leaf chains to what was replaced.
      expect(codeOf(() => proveKeyHistory(events.slice(0, 3), PLACE))).toBe('key.unauthorised');
    }
  });
});

describe('a key history document', () => {
  it('carries the signed events, and no more than 4 MiB', async () => {
    const log = story();
    const { events, checkpoint } = await log.standing([0, 1, 2, 3]);
    const signed = events.map((event, i) => ({
      ...event,
      envelope: eventsOf(log)[i]?.envelope ?? noEvent(),
    }));
    const bytes = encodeStanding({ events: signed, checkpoint });
    expect(parseKeyHistory(bytes)).toEqual({ events: signed, checkpoint });
    expect(proveKeyHistory(parseStanding(bytes).events, PLACE).keys).toHaveLength(2);
    const padded = (length: number) =>
      encodeUtf8(' '.repeat(length - bytes.length) + Buffer.from(bytes).toString());
    expect(parseKeyHistory(padded(4 << 20)).events).toHaveLength(4);
    expect(codeOf(() => parseKeyHistory(padded((4 << 20) + 1)))).toBe('standing.invalid');
    expect(codeOf(() => parseStanding(padded((1 << 20) + 1)))).toBe('standing.invalid');
  });

  it('refuses an envelope with members that nobody signed', async () => {
    const log = story();
    const { events, checkpoint } = await log.standing([0]);
    const text = Buffer.from(
      encodeStanding({
        events: events.map((e) => ({ ...e, envelope: log.events.get(0) ?? noEvent() })),
        checkpoint,
      }),
    ).toString();
    const more = text.replace('"envelope":{', '"envelope":{"by":"me",');
    expect(codeOf(() => parseKeyHistory(encodeUtf8(more)))).toBe('envelope.invalid');
  });
});

function noEvent(): never {
  throw new Error('no signed event');
}
