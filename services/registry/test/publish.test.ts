import {
  checkAuthority,
  checkEnvelope,
  checkInclusion,
  checkPublishLeaf,
  checkReceiptCheckpoint,
  checkStatement,
  encodeEnvelope,
  generateSigningKey,
  openVerifiedBundle,
  parseEnvelope,
  parseLeaf,
  parseLogVerifier,
  parseReceipt,
} from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import {
  buildUpload,
  call,
  countStored,
  definitionOf,
  keyEvent,
  openNamespace,
  publish,
  PUBLISHER,
  send,
  sendKey,
  type Answer,
} from './support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterAll(() => registry.close());

/** The answer is this problem, and nothing was stored. */
async function expectRefused(run: () => Promise<Answer>, status: number, code: string): Promise<Answer> {
  const before = await countStored(registry);
  const answer = await run();
  expect({ status: answer.status, code: answer.json['code'] }).toEqual({ status, code });
  expect(await countStored(registry)).toEqual(before);
  return answer;
}

describe('a correct upload', () => {
  test('is answered 201 with a receipt that proves it, and is then visible everywhere', async () => {
    const upload = await buildUpload(registry, { name: 'first' });
    const answer = await send(registry, upload);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/v1/workflows/acme/first/1.0.0');

    const receipt = parseReceipt(answer.bytes);
    const verifier = parseLogVerifier(registry.deps.logs.get('public').verifierKey);
    const checkpoint = checkReceiptCheckpoint(receipt, verifier, `${registry.origin}/log/public`);
    for (const leaf of [receipt.publish, ...receipt.authority]) checkInclusion(leaf, checkpoint);
    const leaf = checkPublishLeaf(receipt.publish.leaf, {
      namespace: parseNamespace('acme'),
      name: parseWorkflowName('first'),
      version: parseVersion('1.0.0'),
    });
    checkEnvelope(receipt, leaf);
    checkStatement(receipt.envelope, checkAuthority(receipt, leaf), 1, leaf, registry.origin);

    const download = await call(registry, '/v1/workflows/acme/first/1.0.0/download');
    expect(download.headers.get('etag')).toBe(`"${upload.digest}"`);
    expect((await openVerifiedBundle(download.bytes, leaf)).digest).toBe(upload.digest);
    const byDigest = await call(registry, `/v1/blobs/sha256/${upload.digest.slice(7)}`);
    expect(byDigest.bytes.equals(download.bytes)).toBe(true);

    const document = await call(registry, '/v1/workflows/acme/first');
    expect(document.json).toMatchObject({
      id: 'acme/first',
      description: 'Deploys things',
      channels: { latest: '1.0.0' },
      versions: [
        { version: '1.0.0', digest: upload.digest, state: 'active', logIndex: receipt.publish.index },
      ],
    });
    const version = await call(registry, '/v1/workflows/acme/first/1.0.0');
    expect(version.json).toMatchObject({
      parameters: { target: { type: 'string', default: 'staging' } },
      steps: [{ id: 'go', needs: [] }],
    });
    const again = await call(registry, '/v1/workflows/acme/first/1.0.0/receipt');
    expect(again.bytes.equals(answer.bytes)).toBe(true);
  });

  test('sent again is answered 200 with the same receipt, also when the log has grown', async () => {
    const upload = await buildUpload(registry, { name: 'again' });
    const first = await send(registry, upload);
    await publish(registry, { name: 'in-between' });
    const before = await countStored(registry);
    const second = await send(registry, upload);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.bytes.equals(first.bytes)).toBe(true);
    expect(await countStored(registry)).toEqual(before);
  });

  test('of a version that exists with other bytes is refused and names the digest that is there', async () => {
    const held = await buildUpload(registry, { name: 'taken' });
    await send(registry, held);
    const other = await buildUpload(registry, { name: 'taken', description: 'Something else' });
    const answer = await expectRefused(() => send(registry, other), 409, 'version.exists');
    expect(answer.json['digest']).toBe(held.digest);
  });
});

test('a signature counts for the key that made it, whatever key it names', async () => {
  const other = generateSigningKey();
  await sendKey(registry, keyEvent(registry, 'acme', [other, PUBLISHER]));
  const hints = [undefined, other.publicKey.id, 'unknown'];
  for (const [i, keyid] of hints.entries()) {
    const upload = await buildUpload(registry, { name: 'hinted', version: `1.${i}.0` });
    const envelope = parseEnvelope(upload.envelope);
    const signatures = envelope.signatures.map(({ sig }) => (keyid === undefined ? { sig } : { keyid, sig }));
    const answer = await send(registry, { ...upload, envelope: encodeEnvelope({ ...envelope, signatures }) });
    expect(answer.status, keyid).toBe(201);
    const { publish: logged } = parseReceipt(answer.bytes);
    expect(parseLeaf(logged.leaf)).toMatchObject({ type: 'publish', keyids: [PUBLISHER.publicKey.id] });
  }
});

test('a workflow with a required parameter is published with its graph', async () => {
  const definition = `id = "acme/needy"
version = "1.0.0"

[parameters.target]
type = "string"
required = true

[steps.b]
run = 'echo "$A$PARAM_TARGET"'
env = { A = "\${{ steps.a.outputs.stdout }}" }

[steps.a]
run = "echo a"
`;
  expect((await publish(registry, { name: 'needy', definition })).status).toBe(201);
  const { json } = await call(registry, '/v1/workflows/acme/needy/1.0.0');
  expect(json['steps']).toEqual([
    { id: 'a', needs: [] },
    { id: 'b', needs: ['a'] },
  ]);
});

test('texts that the database cannot hold are refused in a definition, and do no harm in a readme', async () => {
  const definition = `${definitionOf({ name: 'odd' })}
[parameters.odd]
type = "json"
default = { "a\\u0000b" = "c\\u0000d" }
`;
  const answer = await expectRefused(
    () => publish(registry, { name: 'odd', definition }),
    422,
    'definition.invalid',
  );
  expect(answer.json['errors']).toMatchObject([{ code: 'text.character' }]);

  const readme = {
    path: 'README.md',
    bytes: new TextEncoder().encode('nul \0 and \uD800'),
    executable: false,
  };
  expect((await publish(registry, { name: 'odd', readme })).status).toBe(201);
});

test('a long word of letters beyond the first plane does no harm in a readme', async () => {
  const bytes = new TextEncoder().encode(`a${'\u{10428}'.repeat(60)}`);
  const readme = { path: 'README.md', bytes, executable: false };
  expect((await publish(registry, { name: 'astral', readme })).status).toBe(201);
});

test('of those who publish at once some may be refused, and the others are published', async () => {
  const sent = Array.from({ length: 12 }, (_, i) => ({
    name: i % 4 === 3 ? 'contested' : `beside-${i}`,
    description: `number ${i}`,
  }));
  const answers = await Promise.all(sent.map((options) => publish(registry, options)));
  const statuses = (isContested: boolean) =>
    answers
      .filter((_, i) => (sent[i]?.name === 'contested') === isContested)
      .map(({ status }) => status)
      .sort();
  expect(statuses(false)).toEqual(Array.from({ length: 9 }, () => 201));
  expect(statuses(true)).toEqual([201, 409, 409]);
});

test('a reserved name is refused and nothing is stored', async () => {
  const answer = await expectRefused(
    () => publish(registry, { name: 'admin' }),
    422,
    'workflow.name_refused',
  );
  expect(answer.json['errors']).toMatchObject([{ code: 'name.reserved' }]);
});

test('twenty at once get one log without gaps, and each receipt verifies', async () => {
  const before = await call(registry, '/log/public/checkpoint');
  const sizeBefore = Number(before.bytes.toString().split('\n')[1]);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => publish(registry, { name: 'busy', version: `1.0.${i}` })),
  );
  expect(answers.map((a) => a.status)).toEqual(Array.from({ length: 20 }, () => 201));
  const indices = answers.map((answer) => {
    const receipt = parseReceipt(answer.bytes);
    const verifier = parseLogVerifier(registry.deps.logs.get('public').verifierKey);
    checkInclusion(
      receipt.publish,
      checkReceiptCheckpoint(receipt, verifier, `${registry.origin}/log/public`),
    );
    return receipt.publish.index;
  });
  expect(indices.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => sizeBefore + i));
});

test('of several different bundles for one version at once exactly one wins', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => publish(registry, { name: 'race', description: `Number ${i}` })),
  );
  const statuses = answers.map((a) => a.status).sort();
  expect(statuses).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
});

test('the same bundle sent eight times at once is published once, and all get the same receipt', async () => {
  const upload = await buildUpload(registry, { name: 'eager' });
  const answers = await Promise.all(Array.from({ length: 8 }, () => send(registry, upload)));
  expect(answers.filter((a) => a.status === 201)).toHaveLength(1);
  expect(new Set(answers.map((a) => a.bytes.toString())).size).toBe(1);
});

describe('refused, and nothing stored', () => {
  test('without a token', async () => {
    const upload = await buildUpload(registry);
    await expectRefused(
      async () => {
        const form = new FormData();
        form.append('envelope', new Blob([Buffer.from(upload.envelope)]), 'e');
        form.append('bundle', new Blob([Buffer.from(upload.blob)]), 'b');
        return call(registry, '/v1/workflows', { method: 'POST', body: form });
      },
      401,
      'auth.required',
    );
  });

  test('with a token that is not valid', async () => {
    const upload = await buildUpload(registry);
    await expectRefused(
      () => send(registry, upload, 'shf_0000000000000000_' + 'A'.repeat(43)),
      401,
      'auth.token_invalid',
    );
  });

  test('by somebody who is not a member', async () => {
    const token = await registry.addUser('stranger');
    const upload = await buildUpload(registry);
    await expectRefused(() => send(registry, upload, token), 403, 'auth.role_missing');
  });

  test('into a namespace that does not exist', async () => {
    await expectRefused(() => publish(registry, { namespace: 'nowhere' }), 404, 'namespace.not_found');
  });

  test('signed by a key that is not registered', async () => {
    const upload = await buildUpload(registry, {}, generateSigningKey());
    await expectRefused(() => send(registry, upload), 403, 'key.unauthorised');
  });

  test('with a signature that does not verify', async () => {
    const upload = await buildUpload(registry);
    const envelope = JSON.parse(Buffer.from(upload.envelope).toString()) as { signatures: { sig: string }[] };
    const [signature] = envelope.signatures;
    const bytes = Buffer.from(signature?.sig ?? '', 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    if (signature) signature.sig = bytes.toString('base64');
    await expectRefused(
      () => send(registry, { ...upload, envelope: Buffer.from(JSON.stringify(envelope)) }),
      422,
      'signature.invalid',
    );
  });

  test('with a statement for another registry', async () => {
    const upload = await buildUpload({ origin: 'other.example.com' });
    await expectRefused(() => send(registry, upload), 422, 'statement.mismatch');
  });

  test('with a statement for another name than the definition has', async () => {
    const upload = await buildUpload(registry, { definition: definitionOf({ name: 'other' }) });
    await expectRefused(() => send(registry, upload), 422, 'statement.mismatch');
  });

  test('with a bundle that is not the signed one', async () => {
    const upload = await buildUpload(registry);
    const other = await buildUpload(registry, { description: 'Deploys thingz' });
    expect(other.tar.length).toBe(upload.tar.length);
    await expectRefused(() => send(registry, { ...upload, blob: other.blob }), 422, 'digest.mismatch');
  });

  test('with a truncated bundle', async () => {
    const upload = await buildUpload(registry);
    await expectRefused(
      () => send(registry, { ...upload, blob: upload.blob.subarray(0, -20) }),
      422,
      'bundle.invalid',
    );
  });

  test('with a cyclic definition, listing every diagnostic with its place', async () => {
    const definition = `id = "acme/deploy"\nversion = "1.0.0"\n\n[steps.a]\nneeds = ["b"]\nrun = "true"\n\n[steps.b]\nneeds = ["a"]\nrun = "true"\ntimeuot = "1s"\n`;
    const upload = await buildUpload(registry, { definition });
    const answer = await expectRefused(() => send(registry, upload), 422, 'definition.invalid');
    const errors = answer.json['errors'] as {
      code: string;
      line: number;
      column: number;
      file: string;
      hint?: string;
    }[];
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error.file).toBe('workflow.toml');
      expect(error.line).toBeGreaterThan(0);
      expect(error.column).toBeGreaterThan(0);
    }
  });

  test.each([
    ['no multipart', 'application/json', '{}', 415, 'request.unsupported_media_type'],
    ['no boundary', 'multipart/form-data; x=y', 'hello', 400, 'request.invalid'],
    ['no parts', 'multipart/form-data; boundary=x', '--x--\r\n', 400, 'request.invalid'],
    [
      'a body cut in a part',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="envelope"; filename="e"\r\n\r\n{',
      400,
      'request.invalid',
    ],
    [
      'the wrong part first',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="bundle"; filename="e"\r\n\r\n{}\r\n--x--\r\n',
      400,
      'request.invalid',
    ],
    [
      'an envelope that is no JSON',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="envelope"; filename="e"\r\n\r\n{\r\n--x\r\nContent-Disposition: form-data; name="bundle"; filename="e"\r\n\r\n{}\r\n--x--\r\n',
      422,
      'envelope.invalid',
    ],
  ])('with %s', async (_what, type, body, status, code) => {
    await expectRefused(
      () =>
        call(registry, '/v1/workflows', {
          method: 'POST',
          token: registry.ownerToken,
          body,
          headers: { 'Content-Type': type },
        }),
      status,
      code,
    );
  });

  test('with an envelope over its limit', async () => {
    const upload = await buildUpload(registry);
    await expectRefused(
      () => send(registry, { ...upload, envelope: Buffer.alloc(70_000, 0x20) }),
      413,
      'request.too_large',
    );
  });
});
