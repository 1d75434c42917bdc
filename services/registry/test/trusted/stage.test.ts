import { encodeBase64, parseEnvelope, signEnvelope, type SigningKey } from '@sheaf/bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTrustedIssuers } from '../../src/trusted/issuers.js';
import { addPublisher, exchange } from '../support/exchange.js';
import { githubClaims, GITHUB_PUBLISHER, startIssuer, type TestIssuer } from '../support/issuer.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, callJson, openNamespace, PUBLISHER, type Answer } from '../support/upload.js';

/** A namespace that asks for two keys: a job stages, and a person approves. */
let issuer: TestIssuer;
let registry: TestRegistry;
beforeAll(async () => {
  issuer = await startIssuer();
  const trusted = createTrustedIssuers(
    { now: () => Date.now(), elapsedMs: () => Date.now(), report: () => undefined },
    [{ issuer: issuer.url, kind: 'github', audience: 'sheaf:wf.example.com' }],
  );
  registry = await startTestRegistry({ trusted });
  await openNamespace(registry);
  await addPublisher(registry, { namespace: 'acme', issuer: issuer.url, claims: GITHUB_PUBLISHER });
  await registry.db
    .insertInto('namespace_policies')
    .values((eb) => ({
      namespace_id: eb.selectFrom('namespaces').select('id').where('name', '=', 'acme'),
      threshold: 2,
      set_by: eb.selectFrom('users').select('id').orderBy('id').limit(1),
      event: Buffer.alloc(1),
      log_index: 0,
    }))
    .execute();
});
afterAll(async () => {
  await registry.close();
  await issuer.close();
});

async function stage(version: string): Promise<{ readonly answer: Answer; readonly envelope: Uint8Array }> {
  const { answer, key } = await exchange(registry, await issuer.sign(githubClaims(issuer, Date.now())));
  const { envelope, blob } = await buildUpload(registry, { version }, key);
  const form = new FormData();
  form.append('envelope', new Blob([Buffer.from(envelope)]), 'envelope.json');
  form.append('bundle', new Blob([Buffer.from(blob)]), 'bundle.tar.gz');
  const token = String(answer.json['token']);
  return {
    answer: await call(registry, '/v1/workflows?stage=true', { method: 'POST', body: form, token }),
    envelope,
  };
}

function approve(id: string, envelope: Uint8Array, key: SigningKey): Promise<Answer> {
  const { payloadType, payload } = parseEnvelope(envelope);
  const signed = signEnvelope(payloadType, Buffer.from(payload, 'base64'), [key]);
  expect(signed.payload).toBe(encodeBase64(Buffer.from(payload, 'base64')));
  return callJson(registry, 'POST', `/v1/stages/${id}/signatures`, { signatures: signed.signatures });
}

test('what a job has staged is published by the signature of one person', async () => {
  const { answer, envelope } = await stage('1.0.0');
  expect(answer.status, JSON.stringify(answer.json)).toBe(202);
  const published = await approve(String(answer.json['id']), envelope, PUBLISHER);
  expect(published.status, JSON.stringify(published.json)).toBe(201);
  const shown = await call(registry, '/v1/workflows/acme/deploy/1.0.0');
  expect((shown.json['signers'] as string[]).length).toBe(2);
});

test('after the time of the job’s key it counts for nothing: it takes as many people as the namespace asks for', async () => {
  const { answer, envelope } = await stage('1.1.0');
  expect(answer.status).toBe(202);
  await registry.db
    .updateTable('ephemeral_keys')
    .set({ expires_at: new Date(0) })
    .execute();
  const waiting = await approve(String(answer.json['id']), envelope, PUBLISHER);
  expect([waiting.status, (await call(registry, '/v1/workflows/acme/deploy/1.1.0')).status]).toEqual([
    202, 404,
  ]);
});
