import { readFile } from 'node:fs/promises';
import {
  encodeBase64,
  findBase64,
  generateSigningKey,
  sha256Hex,
  spkiOf,
  type Envelope,
  type SigningKey,
} from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forgeRelease, standingAnswer, standingOf } from './support/forged-release.js';
import { startOwnRegistry } from './support/own-registry.js';
import type { RegistryProcess } from './support/registry-process.js';
import type { Person } from './support/sheaf.js';
import { stealLog, type StolenLog } from './support/stolen-log.js';
import {
  markCommand,
  prepareVictims,
  publishMark,
  stealKey,
  type Victim,
  type VictimMaker,
} from './support/victim.js';

/** A registry in the hands of somebody who has the key of its log: what they write there is signed, included and consistent. */
const ACME = parseNamespace('acme');

let dir: string;
let registry: RegistryProcess;
let author: Person;
let close: () => Promise<void>;
let publisher: SigningKey;
let victims: VictimMaker;
let victim: Victim;

beforeAll(async () => {
  ({ dir, registry, owner: author, close } = await startOwnRegistry('author', 'acme'));
  await publishMark(dir, author, 'acme/mark', '1.0.0');
  await publishMark(dir, author, 'umbrella/mark', '1.0.0');
  publisher = await stealKey(author, 'acme');
  victims = await prepareVictims(dir, registry);
});
afterAll(async () => {
  await victims.proxy.close();
  await close();
});
beforeEach(async () => {
  victim = await victims.create();
});

/** Index of the leaf by which a namespace got its first key. */
function authorityOf(log: StolenLog, namespace: string): number {
  return log.leaves().findIndex(({ type, ns }) => type === 'key.add' && ns === namespace);
}

/** What the thief publishes, unless they want to publish it otherwise. */
function forgery(log: StolenLog) {
  return {
    id: 'acme/mark',
    version: '6.6.6',
    run: markCommand(dir),
    signers: [[publisher, authorityOf(log, 'acme')]] as readonly (readonly [SigningKey, number])[],
  };
}

function addKey(log: StolenLog, key: SigningKey, ns = ACME): number {
  return log.append({
    type: 'key.add',
    ns,
    keyid: key.publicKey.id,
    key: encodeBase64(spkiOf(key.publicKey)),
    by: [key.publicKey.id],
    event: sha256Hex(Buffer.from('no such event')),
  });
}

function revoke(log: StolenLog, key: SigningKey, as: 'superseded' | { readonly compromisedFrom: number }) {
  return log.append({
    type: 'key.revoke',
    ns: ACME,
    keyid: key.publicKey.id,
    ...(as === 'superseded'
      ? { reason: 'superseded' as const }
      : { reason: 'compromised' as const, fromIndex: as.compromisedFrom }),
    by: [publisher.publicKey.id],
    event: sha256Hex(Buffer.from('no such event')),
  });
}

const RUN = ['run', 'acme/mark@6.6.6', '--yes'];

test('a forgery that breaks no rule would run, so that each refusal below has one reason', async () => {
  const log = await stealLog(registry);
  const release = await forgeRelease(log, { ...forgery(log), run: 'echo forged' });
  victim.proxy.tell(release.lie());
  expect((await victim.ok(RUN)).stderr).toContain('acme/mark 6.6.6 verified');
});

describe('a log with two histories', () => {
  test('is refused by whoever saw the first, who gets both notes to show to others', async () => {
    await victim.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
    const seen = await (await fetch(`${registry.url}/log/public/checkpoint`)).text();
    const log = await stealLog(registry, { size: sizeOf(seen) - 1 });
    const release = await forgeRelease(log, forgery(log));
    victim.proxy.tell(release.lie());
    const { stderr } = await victim.refuses(RUN, 'log.fork');
    await expectEvidence(stderr, [seen, log.checkpoint()]);

    log.append({ type: 'ns.create', ns: parseNamespace('later') });
    victim.proxy.tell(release.lie());
    const later = await victim.refuses(RUN, 'log.fork');
    await expectEvidence(later.stderr, [seen, log.checkpoint()]);
  });

  test('is refused when it was cut short, with both notes', async () => {
    await victim.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
    const seen = await (await fetch(`${registry.url}/log/public/checkpoint`)).text();
    const log = await stealLog(registry, { size: sizeOf(seen) - 2 });
    const release = await forgeRelease(log, forgery(log));
    victim.proxy.tell(release.lie());
    const { stderr } = await victim.refuses(RUN, 'log.rollback');
    await expectEvidence(stderr, [seen, log.checkpoint()]);
  });

  test('is refused when it goes on where those who watch the first do not look', async () => {
    await victim.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
    const log = await stealLog(registry, { realm: 'acme' });
    const release = await forgeRelease(log, forgery(log));
    victim.proxy.tell(release.lie());
    await victim.refuses(RUN, 'log.realm_changed');
  });

  const sizeOf = (note: string) => Number(note.split('\n')[1]);

  async function expectEvidence(stderr: string, notes: readonly string[]): Promise<void> {
    const [, path = ''] = /evidence kept in (.*)/.exec(stderr) ?? [];
    const evidence = await readFile(path, 'utf8');
    for (const note of notes) {
      expect(evidence).toContain(note);
      expect(stderr).toContain(note);
    }
  }
});

describe('a release by a key', () => {
  test('that the log never added to the namespace', async () => {
    const log = await stealLog(registry);
    const stranger = generateSigningKey();
    const release = await forgeRelease(log, {
      ...forgery(log),
      signers: [[stranger, authorityOf(log, 'acme')]],
    });
    victim.proxy.tell(release.lie());
    await victim.refuses(RUN, 'key.unauthorised');
  });

  test('that the log added to another namespace', async () => {
    const log = await stealLog(registry);
    const stranger = generateSigningKey();
    const auth = addKey(log, stranger, parseNamespace('umbrella'));
    const release = await forgeRelease(log, { ...forgery(log), signers: [[stranger, auth]] });
    victim.proxy.tell(release.lie());
    await victim.refuses(RUN, 'key.unauthorised');
  });

  test('that the log added only after the release', async () => {
    const log = await stealLog(registry);
    const stranger = generateSigningKey();
    const next = log.leaves().length;
    const release = await forgeRelease(log, { ...forgery(log), signers: [[stranger, next + 1]] });
    addKey(log, stranger);
    victim.proxy.tell(release.lie());
    await victim.refuses(RUN, 'key.unauthorised');
  });

  test('that was superseded before the release', async () => {
    const log = await stealLog(registry);
    const revoked = revoke(log, publisher, 'superseded');
    const release = await forgeRelease(log, forgery(log));
    victim.proxy.tell(release.lie([revoked]));
    await victim.refuses(RUN, 'key.revoked');
  });

  test('that was compromised from before the release, although it was revoked after it', async () => {
    const log = await stealLog(registry);
    const release = await forgeRelease(log, forgery(log));
    const revoked = revoke(log, publisher, { compromisedFrom: release.index });
    victim.proxy.tell(release.lie([revoked]));
    const { stderr } = await victim.refuses(RUN, 'key.revoked');
    expect(stderr).toContain(`log index ${release.index}`);
  });

  test('whose revocation the registry showed once and then hides', async () => {
    const log = await stealLog(registry);
    const release = await forgeRelease(log, forgery(log));
    const revoked = revoke(log, publisher, { compromisedFrom: release.index });
    victim.proxy.tell(release.lie([revoked]));
    await victim.refuses(RUN, 'key.revoked');
    victim.proxy.tell(release.lie());
    await victim.refuses(RUN, 'key.revoked');
  });

  test('that a policy accepts already, when a second one is sneaked in: a key that is new to the victim', async () => {
    await victim.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
    const log = await stealLog(registry);
    const thief = generateSigningKey();
    const auth = addKey(log, thief);
    const release = await forgeRelease(log, { ...forgery(log), signers: [[thief, auth]] });
    victim.proxy.tell(release.lie());
    await victim.refuses(RUN, 'signer.changed');
  });
});

describe('a signature', () => {
  test('that was malleated (S + L), also when the log recorded that very envelope', async () => {
    const log = await stealLog(registry);
    const release = await forgeRelease(log, { ...forgery(log), envelope: malleate });
    victim.proxy.tell(release.lie());
    await victim.refuses(RUN, 'signature.invalid');
  });

  test.each([
    ['another registry', { registry: 'elsewhere.example' }],
    ['another workflow', { name: parseWorkflowName('other') }],
    ['another namespace', { namespace: parseNamespace('umbrella') }],
    ['another version', { version: parseVersion('6.6.5') }],
  ])('over a statement for %s', async (_, statement) => {
    const log = await stealLog(registry);
    const release = await forgeRelease(log, { ...forgery(log), statement });
    victim.proxy.tell(release.lie());
    await victim.refuses(RUN, 'statement.mismatch');
  });

  test('of one key, where the policy of the namespace asks for two', async () => {
    const log = await stealLog(registry);
    const policy = askForTwo(log);
    const release = await forgeRelease(log, forgery(log));
    victim.proxy.tell(release.lie([policy]));
    await victim.refuses(RUN, 'signature.threshold');
  });

  test('of one key, where the leaf says that the two that the policy asks for have signed', async () => {
    const log = await stealLog(registry);
    const second = generateSigningKey();
    const auth = addKey(log, second);
    const policy = askForTwo(log);
    const release = await forgeRelease(log, {
      ...forgery(log),
      leaf: {
        keyids: [publisher.publicKey.id, second.publicKey.id],
        auth: [authorityOf(log, 'acme'), auth],
      },
    });
    victim.proxy.tell(release.lie([policy]));
    await victim.refuses(RUN, 'signature.invalid');
  });

  test('of one key twice, where the policy of the namespace asks for two', async () => {
    const log = await stealLog(registry);
    const second = generateSigningKey();
    const auth = addKey(log, second);
    const policy = askForTwo(log);
    const release = await forgeRelease(log, {
      ...forgery(log),
      envelope: (honest) => ({ ...honest, signatures: honest.signatures.flatMap((one) => [one, one]) }),
      leaf: {
        keyids: [publisher.publicKey.id, second.publicKey.id],
        auth: [authorityOf(log, 'acme'), auth],
      },
    });
    victim.proxy.tell(release.lie([policy]));
    await victim.refuses(RUN, 'signature.invalid');
  });

  function askForTwo(log: StolenLog): number {
    return log.append({
      type: 'ns.policy',
      ns: ACME,
      threshold: 2,
      by: [publisher.publicKey.id],
      event: sha256Hex(Buffer.from('no such event')),
    });
  }
});

describe('a standing', () => {
  test('with an event of another release', async () => {
    const log = await stealLog(registry);
    const release = await forgeRelease(log, forgery(log));
    const other = log.append({
      type: 'undeprecate',
      ns: ACME,
      name: parseWorkflowName('mark'),
      version: parseVersion('1.0.0'),
    });
    victim.proxy.tell(release.lie([other]));
    await victim.refuses(RUN, 'leaf.mismatch');
  });

  test('with an event that the log does not hold', async () => {
    const log = await stealLog(registry);
    const release = await forgeRelease(log, forgery(log));
    const honest = release.lie();
    const revoked = revoke(log, publisher, { compromisedFrom: 0 });
    const { events, checkpoint } = await standingOf(log, [revoked]);
    const [event] = events;
    if (event === undefined) throw new Error('the standing has no event');
    const text = new TextDecoder().decode(event.leaf);
    const changed = Buffer.from(text.replace('"fromIndex":0', `"fromIndex":${release.index + 1}`));
    const forged = { checkpoint, events: [{ ...event, leaf: changed }] };
    victim.proxy.tell((path, answer) =>
      path.endsWith('/standing') ? standingAnswer(forged) : honest(path, answer),
    );
    await victim.refuses(RUN, 'proof.inclusion');
  });

  test('of another history of the log', async () => {
    const log = await stealLog(registry);
    const release = await forgeRelease(log, forgery(log));
    const fork = await stealLog(registry);
    fork.append({ type: 'ns.create', ns: parseNamespace('elsewhere') });
    const forged = await standingOf(fork, []);
    const honest = release.lie();
    victim.proxy.tell((path, answer) =>
      path.endsWith('/standing') ? standingAnswer(forged) : honest(path, answer),
    );
    await victim.refuses(RUN, 'log.fork');
  });
});

describe('a monitor of such a log', () => {
  const AUDIT = ['audit-log', '--yes'];

  test.each([
    ['a key of another namespace', 'audit.authority', foreignKey],
    ['a key that was revoked before', 'audit.authority', revokedKey],
    ['a version that was published before', 'audit.duplicate', sameVersion],
  ] as const)('reports a release by %s', async (_, code, forge) => {
    const log = await stealLog(registry);
    await victim.ok(AUDIT);
    await forge(log);
    victim.proxy.tell((await forgeRelease(log, { ...forgery(log), version: '7.0.0' })).lie());
    const { code: exit, stdout, stderr } = await victim.sheaf(AUDIT);
    expect(stderr).toContain(`error[${code}]: `);
    expect(exit).toBe(3);
    expect(stdout).not.toContain('audited');
  });

  async function foreignKey(log: StolenLog): Promise<void> {
    const stranger = generateSigningKey();
    const auth = addKey(log, stranger, parseNamespace('umbrella'));
    await forgeRelease(log, { ...forgery(log), signers: [[stranger, auth]] });
  }

  async function revokedKey(log: StolenLog): Promise<void> {
    revoke(log, publisher, 'superseded');
    await forgeRelease(log, forgery(log));
  }

  async function sameVersion(log: StolenLog): Promise<void> {
    await forgeRelease(log, { ...forgery(log), version: '1.0.0' });
  }
});

/** The order of the group of Ed25519, little-endian. */
const L = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');

/** The same signature with another S, which every verifier that does not look at it takes for good (RFC 8032 §8.4). */
function malleate(honest: Envelope): Envelope {
  return {
    ...honest,
    signatures: honest.signatures.map((signature) => {
      const bytes = Buffer.from(findBase64(signature.sig) ?? []);
      let carry = 0;
      for (let i = 0; i < 32; i++) {
        carry += (bytes[32 + i] ?? 0) + (L[i] ?? 0);
        bytes[32 + i] = carry & 0xff;
        carry >>= 8;
      }
      return { ...signature, sig: encodeBase64(bytes) };
    }),
  };
}
