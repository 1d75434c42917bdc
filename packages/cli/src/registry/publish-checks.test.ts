import type { PackedWorkflow } from '@sheaf/client';
import type { VersionDocument, WorkflowDocument } from '@sheaf/client/contract';
import { readDefinition } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { assertCommitted, assertCompatible, assertMayPublish } from './publish-checks.js';
import type { Session } from './session.js';

const { signal } = new AbortController();

function pack(version: string, rest = ''): PackedWorkflow {
  const text = `id = "acme/deploy"\nversion = "${version}"\n${rest}\n[steps.a]\nrun = "true"\n`;
  const { definition } = readDefinition({ text, file: 'workflow.toml' });
  return { bundle: { definition } } as PackedWorkflow;
}

function client(document: object, role?: string): Pick<Session, 'client'> {
  const namespaces = role === undefined ? [] : [{ name: 'acme', role }];
  return {
    client: {
      getVersion: () => Promise.resolve(document as VersionDocument),
      whoami: () => Promise.resolve({ user: 'ana', admin: false, token: {}, namespaces }),
    } as never,
  };
}

const versions = (...all: readonly (readonly [version: string, state: string])[]) =>
  ({ versions: all.map(([version, state]) => ({ version, state })) }) as unknown as WorkflowDocument;

describe('assertCommitted', () => {
  const files = Array.from({ length: 12 }, (_, i) => `f${i}`);

  it('names the files that differ, and how to publish them all the same', () => {
    expect(() => {
      assertCommitted('my flow', { kind: 'dirty', files }, false);
    }).toThrow(
      expect.objectContaining({
        code: 'publish.dirty',
        message: '12 files of the bundle are not as the commit has them',
        evidence: [...files.slice(0, 10), '… and 2 more'],
        hint: expect.arrayContaining([
          "or publish it without naming a commit: sheaf publish 'my flow' --allow-dirty",
        ]) as unknown,
      }) as Error,
    );
  });

  it('lets pass what is committed, in no repository, or allowed', () => {
    assertCommitted('.', { kind: 'dirty', files }, true);
    assertCommitted('.', { kind: 'none' }, false);
    assertCommitted('.', { kind: 'unnamed', commit: 'a' }, false);
  });
});

describe('assertCompatible', () => {
  const taking = { parameters: {}, outputs: ['text'] };
  const breaking = expect.objectContaining({
    code: 'interface.breaking',
    message: 'the interface breaks that of 1.1.0 in 1 place',
    evidence: ['/outputs/text  the output was removed'],
  }) as Error;

  it('compares with the highest stable version below that people get', async () => {
    const workflow = versions(
      ['2.0.0', 'active'],
      ['1.2.0', 'yanked'],
      ['1.1.0', 'deprecated'],
      ['1.0.0', 'active'],
    );
    await expect(assertCompatible({ signal }, client(taking), pack('1.3.0'), workflow)).rejects.toThrow(
      breaking,
    );
  });

  it('has nothing against a new major version, a first one, or an output that stays', async () => {
    const workflow = versions(['1.1.0', 'active']);
    await assertCompatible({ signal }, client(taking), pack('2.0.0'), workflow);
    await assertCompatible({ signal }, client(taking), pack('1.2.0'), undefined);
    await assertCompatible({ signal }, client(taking), pack('1.2.0', 'outputs.text = "x"'), workflow);
  });
});

describe('assertMayPublish', () => {
  it('takes a publisher, and says whom to ask', async () => {
    await assertMayPublish({ signal }, client({}, 'publisher'), pack('1.0.0'));
    await expect(assertMayPublish({ signal }, client({}, 'reader'), pack('1.0.0'))).rejects.toMatchObject({
      code: 'auth.role_missing',
      message: 'ana is only reader of acme, and publishing takes a publisher',
      hint: ['ask an owner of it for  sheaf namespace members add acme ana --role publisher'],
    });
    await expect(assertMayPublish({ signal }, client({}), pack('1.0.0'))).rejects.toMatchObject({
      message: 'ana has no role in acme, and publishing takes a publisher',
    });
  });
});
