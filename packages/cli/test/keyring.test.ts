import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, createMachine } from './harness.js';
import { hasKeyring, inSession } from './keyring-session.js';

beforeAll(() => {
  buildCli();
});

const EVENT = JSON.stringify({
  payload: Buffer.from(
    '{"namespace":"acme","registry":"wf.example.com","threshold":2,"type":"ns.policy"}',
  ).toString('base64'),
  payloadType: 'application/vnd.sheaf.key-event+json',
  signatures: [{ keyid: 'none', sig: Buffer.alloc(64).toString('base64') }],
});

describe.skipIf(!hasKeyring())('the keyring of the system', () => {
  it('keeps the passphrase of a key, which is then not asked for', () => {
    const machine = createMachine();
    const made = inSession(
      machine,
      `SHEAF_KEY_PASSPHRASE=correct sheaf key generate --name k --keyring
       printf '%s' '${EVENT}' > event.json
       sheaf key sign event.json --key k --yes
       sheaf key list --json`,
    );
    expect(made).toMatchObject({ status: 0, stderr: expect.stringContaining('is in the keyring') as string });
    expect(made.stdout).toContain('"passphrase":true,"keyring":true');
    expect(made.stderr).not.toContain('warning');
    const file = readFileSync(join(machine.dir, 'config', 'sheaf', 'keys', 'k.json'), 'utf8');
    expect(file).toContain('"scrypt"');
    expect(file).not.toContain('correct');
    expect(readFileSync(join(machine.dir, 'event.json'), 'utf8')).not.toBe(EVENT);
  });

  it('is said to have lost the passphrase when it has, and the key can be opened all the same', () => {
    const machine = createMachine();
    expect(
      inSession(machine, 'SHEAF_KEY_PASSPHRASE=correct sheaf key generate --name k --keyring').status,
    ).toBe(0);
    // Another session has a keyring of its own, which is empty.
    const emptied = inSession(
      machine,
      `printf '%s' '${EVENT}' > event.json
       sheaf key sign event.json --key k --yes`,
    );
    expect(emptied.status).toBe(5);
    expect(emptied.stderr).toMatch(/warning: the keyring (has no passphrase|cannot be used)/);
    expect(emptied.stderr).toContain('set SHEAF_KEY_PASSPHRASE');
  });
});

describe('without a keyring', () => {
  it('says so once, keeps the key, and goes on with asking', () => {
    const machine = createMachine();
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent', SHEAF_KEY_PASSPHRASE: 'correct' };
    const { status, stderr } = machine.run(['key', 'generate', '--name', 'k', '--keyring'], { env });
    expect(status).toBe(0);
    expect(stderr.match(/the keyring cannot be used/g)).toHaveLength(1);
    expect(stderr).toContain('will be asked for');
    const keys = join(machine.dir, 'config', 'sheaf', 'keys');
    expect([existsSync(join(keys, 'k.json')), existsSync(join(keys, 'k.keyring'))]).toEqual([true, false]);
  });

  it('refuses to keep no passphrase there', () => {
    const { status, stderr } = createMachine().run([
      'key',
      'generate',
      '--name',
      'k',
      '--keyring',
      '--no-passphrase',
    ]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('usage.conflicting_flags')]);
  });

  it('is loaded by nothing that does not need it', () => {
    const machine = createMachine();
    machine.run(['key', 'generate', '--name', 'k', '--no-passphrase']);
    const { stderr } = machine.run(['key', 'list'], { env: { NODE_DEBUG: 'module' } });
    expect(stderr).not.toContain('@napi-rs');
  });
});
