import { encodeBase64, logVerifierOf, spkiOf, type SigningKey, type StandingEvent } from '@sheaf/bundle';
import { parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { createWorldLog, type WorldLog } from '../../../bundle/src/testing/world-log.js';
import { ClientError } from '../errors.js';
import { failure } from '../testing/failure.js';
import { AUDIT_ORIGIN, memoryStore, serveLog } from '../testing/audited-log.js';
import { testKey } from '../testing/test-log.js';
import { openLogAudit } from './audit-log.js';

const [A, B, JOB, OTHER_JOB] = [testKey(11), testKey(12), testKey(13), testKey(14)];
const PIN = {
  origin: AUDIT_ORIGIN,
  logKey: logVerifierOf(`${AUDIT_ORIGIN}/log/public`, testKey(2).publicKey.raw).text,
};

/** A namespace, a key at 1, another that it vouches for at 2, a release of that at 3, and one of the first at 4. */
function honest(): WorldLog {
  const log = createWorldLog();
  log.append({ type: 'ns.create' });
  log.addKey(A);
  log.addKey(B, [A]);
  log.publish('1.0.0', [B], [2]);
  log.publish('1.1.0', [A], [1]);
  return log;
}

/** A monitor of this log, which asks for key histories: `change` is what the registry does to them. */
function monitor(
  log: WorldLog,
  options: {
    readonly watched?: readonly string[];
    readonly change?: (events: readonly StandingEvent[]) => readonly StandingEvent[];
    readonly store?: ReturnType<typeof memoryStore>;
  } = {},
) {
  const asked: string[] = [];
  const fetchKeyHistory = async (namespace: string) => {
    asked.push(namespace);
    const { events, checkpoint } = await log.standing([...log.events.keys()]);
    const signed = events.map((event): StandingEvent => {
      const envelope = log.events.get(event.index);
      return envelope === undefined ? event : { ...event, envelope };
    });
    return { checkpoint, events: (options.change ?? ((same) => same))(signed) };
  };
  const audit = openLogAudit(
    { ...serveLog(log.leaves), fetchKeyHistory, store: options.store ?? memoryStore() },
    { pin: PIN, realm: 'public', watched: new Set(options.watched ?? ['acme']), chunkEntries: 256 },
  );
  return { asked, catchUp: audit.catchUp };
}

const without = (index: number) => (events: readonly StandingEvent[]) =>
  events.filter((event) => event.index !== index);

describe('the key events of a namespace that is watched', () => {
  it('are what its keys have signed, asked for once', async () => {
    const { asked, catchUp } = monitor(honest());
    expect(await catchUp()).toMatchObject({ size: 5, refused: 0 });
    expect(asked).toEqual(['acme']);
  });

  it('are not asked for when nobody watches it', async () => {
    const { asked, catchUp } = monitor(honest(), { watched: [], change: () => [] });
    expect(await catchUp()).toMatchObject({ size: 5, refused: 0 });
    const others = monitor(honest(), { watched: ['tools'], change: () => [] });
    await others.catchUp();
    expect([...asked, ...others.asked]).toEqual([]);
  });

  it.each<[string, (events: readonly StandingEvent[]) => readonly StandingEvent[]]>([
    ['does not show', without(2)],
    [
      'shows without its envelope',
      (events) => events.map(({ index, leaf, proof }) => ({ index, leaf, proof })),
    ],
    ['shows with the envelope of another', (events) => withEnvelopeOf(events, 1)],
    [
      'shows as another event',
      (events) => events.map((event) => ({ ...event, leaf: events[0]?.leaf ?? event.leaf })),
    ],
  ])('are a violation when the registry %s one, which then has no effect', async (_, change) => {
    const only = (events: readonly StandingEvent[]) => [
      ...events.filter(({ index }) => index !== 2),
      ...change(events).filter(({ index }) => index === 2),
    ];
    const { catchUp } = monitor(honest(), { change: only });
    const error = await failure(catchUp(), 'audit.authority');
    expect(error.message).toContain('log index 2');
    // The release of the key that nobody has vouched for is refused with it; that of the first key is not.
    expect(error.message).toContain('and 1 more');
  });

  it('count for nothing by what the leaf says: its registry cannot sign for its keys', async () => {
    const log = honest();
    const honestly = log.events.get(2);
    const forged = createWorldLog();
    forged.append({ type: 'ns.create' });
    forged.addKey(A);
    forged.addKey(B, []);
    const envelope = forged.events.get(2);
    expect(envelope).not.toEqual(honestly);
    const change = (events: readonly StandingEvent[]) =>
      events.map((event) => (event.index === 2 && envelope !== undefined ? { ...event, envelope } : event));
    await failure(monitor(log, { change }).catchUp(), 'audit.authority');
  });

  it('are asked for again when that failed: what was not judged does not count as audited', async () => {
    const store = memoryStore();
    const down = () => {
      throw new ClientError('network.unreachable', 'no answer');
    };
    await failure(monitor(honest(), { change: down, store }).catchUp(), 'network.unreachable');
    expect(store.kept).toEqual([]);
    expect(await monitor(honest(), { store }).catchUp()).toMatchObject({ entries: 5, refused: 0 });
  });
});

function withEnvelopeOf(events: readonly StandingEvent[], index: number): readonly StandingEvent[] {
  const envelope = events.find((event) => event.index === index)?.envelope;
  return events.map((event) => (envelope === undefined ? event : { ...event, envelope }));
}

describe('ephemeral keys', () => {
  const T = 1_700_000_000;
  const ephemeral = (key: SigningKey, changes: { readonly name?: string; readonly exp?: number } = {}) =>
    ({
      type: 'key.ephemeral',
      keyid: key.publicKey.id,
      key: encodeBase64(spkiOf(key.publicKey)),
      exp: changes.exp ?? T + 900,
      issuer: 'https://token.example.com',
      identity: { sub: 'job' },
      ...(changes.name === undefined ? {} : { name: parseWorkflowName(changes.name) }),
    }) as const;

  it('sign releases within their time, also when the audit goes on from what it kept', async () => {
    const log = createWorldLog();
    log.append({ type: 'ns.create' });
    log.append(ephemeral(JOB, { name: 'deploy' }));
    const store = memoryStore();
    await monitor(log, { store }).catchUp();
    log.publish('1.0.0', [JOB], [1]);
    log.append({
      type: 'channel.set',
      name: parseWorkflowName('deploy'),
      channel: 'beta',
      version: parseVersion('1.0.0'),
    });
    log.append({ type: 'ns.transfer' });
    expect(await monitor(log, { store }).catchUp()).toMatchObject({ entries: 3, refused: 0 });
  });

  it('are forgotten when their time is over, so that what is kept does not grow with them', async () => {
    const log = createWorldLog();
    log.append({ type: 'ns.create' });
    for (let i = 1; i <= 100; i++) log.append(ephemeral(testKey(100 + i), { exp: T + i + 2 }));
    const store = memoryStore();
    await monitor(log, { store }).catchUp();
    const kept = Buffer.from(store.kept.at(-1) ?? []).toString();
    expect(/"ephemeral":(\[\[.*?\]\])/.exec(kept)?.[1]?.split('],[').length).toBeLessThanOrEqual(4);
  });

  it.each<[string, (log: WorldLog) => void]>([
    ['after their time', (log) => log.publish('1.0.0', [JOB], [log.append(ephemeral(JOB, { exp: T + 1 }))])],
    [
      'of another workflow',
      (log) => log.publish('1.0.0', [JOB], [log.append(ephemeral(JOB, { name: 'other' }))]),
    ],
    ['from another leaf', (log) => log.publish('1.0.0', [JOB], [log.append(ephemeral(JOB)) - 1])],
    [
      'two at once',
      (log) => {
        const auth = [log.append(ephemeral(JOB)), log.append(ephemeral(OTHER_JOB))];
        log.publish('1.0.0', [JOB, OTHER_JOB], auth);
      },
    ],
    [
      'against a policy of two keys',
      (log) => {
        log.addKey(A);
        log.addKey(B, [A]);
        log.setPolicy(2, [A, B]);
        log.publish('1.0.0', [JOB], [log.append(ephemeral(JOB))]);
      },
    ],
    [
      'under the id of a key of the namespace',
      (log) => log.append(ephemeral(A)) && log.addKey(A) && log.append(ephemeral(A)),
    ],
  ])('that sign %s are a violation', async (_, spoil) => {
    const log = createWorldLog();
    log.append({ type: 'ns.create' });
    spoil(log);
    await failure(monitor(log).catchUp(), 'audit.authority');
  });

  it('do not let a channel point at what is not published', async () => {
    const log = honest();
    log.append({
      type: 'channel.set',
      name: parseWorkflowName('deploy'),
      channel: 'beta',
      version: parseVersion('9.0.0'),
    });
    await failure(monitor(log).catchUp(), 'audit.transition');
  });
});
