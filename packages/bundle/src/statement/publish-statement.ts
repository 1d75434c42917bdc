import type { Namespace, Version, WorkflowName } from '@sheaf/workflow';
import { type Digest, hexOfDigest, parseDigest } from '../digest.js';
import { canonicalJson } from '../encoding/canonical-json.js';
import { type MemberReader, readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { nameMember, namespaceMember, REGISTRY, SHA256_HEX, versionMember } from './identity.js';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = 'urn:sheaf:predicate:publish:v1';
const BUNDLE_FORMAT = 'sheaf-tar-v1';
const MAX_STATEMENT_BYTES = 16 << 10;
const PRINTABLE = /^[\x21-\x7e]+$/;
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** What a publisher signs: this archive is this version of this workflow, in this registry and no other. */
export interface PublishStatement {
  /** The registry's origin, a host and maybe a port. */
  readonly registry: string;
  readonly namespace: Namespace;
  readonly name: WorkflowName;
  readonly version: Version;
  readonly tar: { readonly digest: Digest; readonly sizeBytes: number; readonly files: number };
  readonly definition: { readonly path: string; readonly sha256: string };
  readonly source?: { readonly uri: string; readonly commit: string };
  /** Informational: nothing is decided by it. */
  readonly signedAt?: string;
}

/** The statement as an in-toto Statement v1, in canonical JSON. */
export function encodePublishStatement(statement: PublishStatement): Uint8Array {
  const { registry, namespace, name, version, tar, definition, source, signedAt } = statement;
  return canonicalJson({
    _type: STATEMENT_TYPE,
    subject: [{ name: subjectName(statement), digest: { sha256: hexOfDigest(tar.digest) } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      registry,
      namespace,
      name,
      version,
      bundle: { format: BUNDLE_FORMAT, size: tar.sizeBytes, files: tar.files },
      definition: { path: definition.path, sha256: definition.sha256 },
      source: source === undefined ? undefined : { uri: source.uri, commit: source.commit },
      signedAt,
    },
  });
}

/**
 * Parses the payload that `verifyEnvelope` returned. Strict: exactly one subject, named after the predicate; no
 * member that is not known.
 *
 * @throws BundleError `statement.invalid`
 */
export function parsePublishStatement(payload: Uint8Array): PublishStatement {
  const root: MemberReader = readMembers(
    parseStrictJson(payload, MAX_STATEMENT_BYTES, 'statement.invalid', 'the statement'),
    'statement.invalid',
    'the statement',
  );
  if (root.string('_type') !== STATEMENT_TYPE) root.fail('_type', `is not ${STATEMENT_TYPE}`);
  if (root.string('predicateType') !== PREDICATE_TYPE) root.fail('predicateType', `is not ${PREDICATE_TYPE}`);
  const subject = readSubject(root);
  const digests = subject.object('digest');
  const digest = parseDigest(`sha256:${digests.string('sha256', SHA256_HEX)}`);
  digests.end();
  const statement = readPredicate(root.object('predicate'), digest);
  if (subject.string('name') !== subjectName(statement)) subject.fail('name', 'is not that of the predicate');
  subject.end();
  root.end();
  return statement;
}

function readSubject(root: MemberReader): MemberReader {
  const [subject] = root.objects('subject', 1);
  return subject ?? root.fail('subject', 'is empty');
}

function readPredicate(predicate: MemberReader, digest: Digest): PublishStatement {
  const bundle = predicate.object('bundle');
  if (bundle.string('format') !== BUNDLE_FORMAT) bundle.fail('format', `is not ${BUNDLE_FORMAT}`);
  const tar = { digest, sizeBytes: bundle.count('size'), files: bundle.count('files') };
  bundle.end();
  const definition = predicate.object('definition');
  const definitionPath = definition.string('path', /^workflow\.(?:toml|yaml)$/);
  const definitionSha256 = definition.string('sha256', SHA256_HEX);
  definition.end();
  const source = readSource(predicate.optionalObject('source'));
  const signedAt = predicate.optionalString('signedAt', PRINTABLE, 64);
  const statement = {
    registry: predicate.string('registry', REGISTRY),
    namespace: namespaceMember(predicate, 'namespace'),
    name: nameMember(predicate, 'name'),
    version: versionMember(predicate, 'version'),
    tar,
    definition: { path: definitionPath, sha256: definitionSha256 },
    ...(source === undefined ? {} : { source }),
    ...(signedAt === undefined ? {} : { signedAt }),
  };
  predicate.end();
  return statement;
}

function readSource(source: MemberReader | undefined): PublishStatement['source'] {
  if (source === undefined) return undefined;
  const read = { uri: source.string('uri', PRINTABLE, 2048), commit: source.string('commit', COMMIT) };
  source.end();
  return read;
}

function subjectName(
  statement: Pick<PublishStatement, 'registry' | 'namespace' | 'name' | 'version'>,
): string {
  return `${statement.registry}/${statement.namespace}/${statement.name}@${statement.version}`;
}
