import { packCarryFile, readCarryFile, type CarryFile } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { assertSigned, openSignedWorkflow, packSignedWorkflow } from '../src/carry/signed-workflow.js';
import { addSignature } from '../src/keys/events.js';
import { packWorkflow, signPublish } from '../src/publish.js';
import { failure } from '../src/testing/failure.js';
import { testKey } from '../src/testing/test-log.js';
import { ORIGIN, testFiles } from '../src/testing/test-registry.js';

const [A, B] = [testKey(1), testKey(2)];

async function signed(version = '1.0.0'): Promise<CarryFile> {
  const packed = await packWorkflow(testFiles('acme/deploy', version));
  return { blob: packed.blob, envelope: signPublish({ packed, key: A }, ORIGIN) };
}

describe('a signed workflow', () => {
  it('comes out of its file with the statement that was signed about it', async () => {
    const { packed, statement, carry } = await openSignedWorkflow(
      readCarryFile(packSignedWorkflow(await signed())),
    );
    expect(statement).toMatchObject({
      registry: ORIGIN,
      namespace: parseNamespace('acme'),
      version: '1.0.0',
    });
    expect(packed.bundle.digest).toBe(statement.tar.digest);
    expect(carry.receipt).toBeUndefined();
  });

  it('is refused when its statement is about another bundle', async () => {
    const [one, other] = [await signed('1.0.0'), await signed('1.0.1')];
    const mixed = readCarryFile(packCarryFile({ blob: one.blob, envelope: other.envelope }));
    await failure(openSignedWorkflow(mixed), 'statement.mismatch');
  });

  it('counts the different active keys that signed it, and no others', async () => {
    const opened = await openSignedWorkflow(await signed());
    const keys = [A.publicKey, B.publicKey];
    expect(assertSigned(opened, keys, 1)).toEqual([A.publicKey]);
    const short = () => assertSigned(opened, keys, 2);
    expect(short).toThrow(expect.objectContaining({ code: 'key.threshold' }) as Error);
    expect(() => assertSigned(opened, [B.publicKey], 1)).toThrow('0 of the 1 keys');
    const both = addSignature(addSignature(opened.carry.envelope, B), B);
    const complete = { ...opened, carry: { ...opened.carry, envelope: both } };
    expect(assertSigned(complete, keys, 2)).toHaveLength(2);
    expect(() => assertSigned(complete, [A.publicKey, testKey(3).publicKey], 2)).toThrow('1 of the 2');
  });
});
