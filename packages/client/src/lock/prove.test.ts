import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isClientError } from '../errors.js';
import { thrown } from '../testing/failure.js';
import { deprecate, lockOf } from '../testing/test-lock.js';
import { createTestLog, testKey } from '../testing/test-log.js';
import { createTestRegistry, ORIGIN } from '../testing/test-registry.js';
import { formatLockfile } from './format.js';
import { parseLockfile } from './parse.js';
import { proveLockfile } from './prove.js';

const registry = createTestRegistry();
const deploy = await registry.publish('acme/deploy', '1.4.2');
const notify = await registry.publish('acme/notify', '1.0.0');
const standing = await deprecate(registry, notify);
const LOCK = await lockOf(registry, [
  { published: deploy, dependencies: [{ id: notify.id, version: notify.version }] },
  { published: notify, standings: [standing] },
]);
const TEXT = formatLockfile(LOCK);
const LINES = TEXT.split('\n');

/** Whether a lockfile is refused, with one of the codes for one that was changed. */
function isRefused(text: string): boolean {
  try {
    proveLockfile(parseLockfile(text, 'sheaf.lock'));
    return false;
  } catch (error) {
    expect(isClientError(error, 'lock.tampered', 'lock.invalid'), String(error)).toBe(true);
    return true;
  }
}

/** What only the bundle proves. */
const UNPROVEN_HERE = 'dependencies = ';

describe('the proof of a lockfile', () => {
  it('holds for one that nobody changed', () => {
    expect(isRefused(TEXT)).toBe(false);
  });

  it.each([
    ['id', 'acme/notify', 'acme/notifi', 'id of acme/notifi 1.0.0'],
    ['version', '1.4.2', '1.4.3', 'version of acme/deploy 1.4.3'],
    ['registry', ORIGIN, 'wf.example.org', 'registry of acme/deploy 1.4.2'],
    ['state', 'deprecated', 'active', 'state of acme/notify 1.0.0'],
    ['realm', 'public', 'acme', `checkpoint of ${ORIGIN}`],
  ])('names the field when %s is another', async (field, from, to, named) => {
    const line = `${field} = "${from}"`;
    const at = LINES.indexOf(line);
    const text = LINES.with(at, `${field} = "${to}"`).join('\n');
    const error = await thrown(() => {
      proveLockfile(parseLockfile(text, 'sheaf.lock'));
    }, 'lock.tampered');
    expect(error.message).toContain(named);
  });

  it('fails for every line that is left out, doubled or exchanged with the next', () => {
    for (const [i, line] of LINES.entries()) {
      if (i === LINES.length - 1) continue;
      expect(isRefused(LINES.toSpliced(i, 1).join('\n')), `without ${line}`).toBe(true);
      expect(isRefused(LINES.toSpliced(i, 0, line).join('\n')), `twice ${line}`).toBe(true);
      const next = LINES[i + 1] ?? '';
      const isSame = next === line;
      expect(
        isSame ||
          isRefused(
            LINES.with(i, next)
              .with(i + 1, line)
              .join('\n'),
          ),
        `late ${line}`,
      ).toBe(true);
    }
  });

  it('fails for any other value of any field', () => {
    const others = ['""', '"x"', '0', '1', '[]', '["x"]', '"sha256:' + '0'.repeat(64) + '"', '[1]'];
    const fields = LINES.flatMap((line, i) => (/^[a-z_]+ = /.test(line) ? [i] : []));
    expect(fields.length).toBe(1 + 4 + 13 + 15);
    for (const i of fields) {
      const line = LINES[i] ?? '';
      if (line.startsWith(UNPROVEN_HERE)) continue;
      const key = line.slice(0, line.indexOf(' = '));
      const same = LINES.filter((other) => other.startsWith(`${key} = `) && other !== line);
      for (const other of [...others.map((value) => `${key} = ${value}`), ...same])
        expect(other === line || isRefused(LINES.with(i, other).join('\n')), `${line} → ${other}`).toBe(true);
    }
  });

  it('fails for any single character that is changed', () => {
    const changeable = LINES.flatMap((line, i) => (line.startsWith(UNPROVEN_HERE) ? [] : [i]));
    fc.assert(
      fc.property(
        fc.constantFrom(...changeable),
        fc.nat(),
        fc.integer({ min: 32, max: 126 }),
        (i, at, code) => {
          const line = LINES[i] ?? '';
          fc.pre(line.length > 0);
          const place = at % line.length;
          const changed = `${line.slice(0, place)}${String.fromCharCode(code)}${line.slice(place + 1)}`;
          fc.pre(changed !== line);
          return isRefused(LINES.with(i, changed).join('\n'));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('fails for any single character of a receipt that is changed', () => {
    const receipts = LINES.flatMap((line, i) => (/^(?:receipt|standing) = /.test(line) ? [i] : []));
    const digit = fc.constantFrom(
      ...('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/='.match(/./g) ?? []),
    );
    fc.assert(
      fc.property(fc.constantFrom(...receipts), fc.nat(), digit, (i, at, char) => {
        const line = LINES[i] ?? '';
        const place = line.indexOf('"') + 1 + (at % (line.length - line.indexOf('"') - 2));
        const changed = `${line.slice(0, place)}${char}${line.slice(place + 1)}`;
        fc.pre(changed !== line);
        return isRefused(LINES.with(i, changed).join('\n'));
      }),
      { numRuns: 1500 },
    );
  });

  it('fails for a receipt of another log of the same name', async () => {
    const log = createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(9) });
    const other = createTestRegistry(log);
    const forged = await lockOf(other, [{ published: await other.publish('acme/deploy', '1.4.2') }]);
    const mixed = { ...LOCK, workflows: [...forged.workflows, ...LOCK.workflows.slice(1)] };
    await thrown(() => {
      proveLockfile(mixed);
    }, 'lock.tampered');
  });

  it('fails for a checkpoint that contradicts a receipt of the same size', async () => {
    const fork = createTestRegistry(registry.log.fork(deploy.receipt.publish.index));
    await fork.publish('acme/evil', '1.0.0');
    const size = deploy.receipt.publish.index + 1;
    const checkpoint = fork.log.checkpoint(size);
    const [first] = LOCK.registries;
    if (first === undefined) throw new Error('not reached');
    const error = await thrown(() => {
      proveLockfile({ ...LOCK, registries: [{ ...first, checkpoint }] });
    }, 'lock.tampered');
    expect(error.message).toContain('two different checkpoints');
  });
});
