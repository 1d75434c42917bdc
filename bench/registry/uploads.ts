import { randomBytes } from 'node:crypto';
import {
  digestOf,
  encodeEnvelope,
  encodePublishStatement,
  gzipTar,
  packTar,
  PAYLOAD_TYPE_STATEMENT,
  sha256Hex,
  signEnvelope,
  type SigningKey,
} from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';

/** One signed request body, ready to be sent. */
export interface PreparedUpload {
  readonly contentType: string;
  readonly body: Buffer;
}

export interface UploadPlan {
  readonly origin: string;
  readonly namespace: string;
  readonly key: SigningKey;
  /** Of the compressed bundle, roughly: most of it is a file that does not compress. */
  readonly bundleBytes: number;
}

const BOUNDARY = `sheaf-bench-${randomBytes(16).toString('hex')}`;

/** A version of a workflow, the first unless another is named, signed; no two share their bytes. */
export async function prepareUpload(
  plan: UploadPlan,
  name: string,
  version = '1.0.0',
): Promise<PreparedUpload> {
  const definition = Buffer.from(definitionOf(`${plan.namespace}/${name}`, version));
  const filler = Math.max(0, plan.bundleBytes - definition.length - 600);
  const tar = packTar([
    { path: 'workflow.toml', bytes: definition, executable: false },
    { path: 'README.md', bytes: Buffer.from(README), executable: false },
    { path: 'assets/data.bin', bytes: randomBytes(filler), executable: false },
  ]);
  const statement = encodePublishStatement({
    registry: plan.origin,
    namespace: parseNamespace(plan.namespace),
    name: parseWorkflowName(name),
    version: parseVersion(version),
    tar: { digest: digestOf(tar), sizeBytes: tar.length, files: 3 },
    definition: { path: 'workflow.toml', sha256: sha256Hex(definition) },
  });
  const envelope = encodeEnvelope(signEnvelope(PAYLOAD_TYPE_STATEMENT, statement, [plan.key]));
  return {
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
    body: Buffer.concat([
      ...part('envelope', 'envelope.json', envelope),
      ...part('bundle', 'bundle.tar.gz', await gzipTar(tar)),
      Buffer.from(`--${BOUNDARY}--\r\n`),
    ]),
  };
}

function part(name: string, fileName: string, bytes: Uint8Array): readonly Uint8Array[] {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="${fileName}"\r\n\r\n`;
  return [Buffer.from(head), bytes, Buffer.from('\r\n')];
}

const README =
  '# Release notes\n\nCollects what was merged since a tag and writes it down, grouped by label.\n';

function definitionOf(id: string, version: string): string {
  return `id = "${id}"
version = "${version}"
description = "Writes release notes from the commits since a tag"
tags = ["release", "git"]
license = "MIT"

[bundle]
include = ["assets/**"]

[permissions]
exec = ["git", "bash"]
read = ["."]
write = ["dist/**"]

[parameters.since]
type = "string"
default = "v0"
description = "first tag"

[steps.collect]
run = 'git log --oneline "$PARAM_SINCE"..HEAD > dist/NOTES.md'

[steps.check]
needs = ["collect"]
run = 'test -s dist/NOTES.md'
`;
}
