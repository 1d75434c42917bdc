import type { ActionManifest } from '../actions/manifest.js';
import {
  PERMISSION_KINDS,
  type JsonValue,
  type Permissions,
  type Templates,
  type WorkflowDefinition,
} from '../model.js';
import type { Finding, Path, RelatedFinding } from '../source/tree.js';
import { quote, tick } from '../text.js';
import type { Surroundings, Used } from '../uses.js';
import { coversHost, coversPath } from './coverage.js';

/** Checks that the workflow asks for what it uses may touch, as far as that is known before a run. */
export function checkUsedPermissions(
  used: Used,
  given: Templates,
  path: Path,
  definition: WorkflowDefinition,
  around: Surroundings,
): readonly Finding[] {
  if (used.kind === 'action') return checkAction(used.manifest, given, path, definition.permissions);
  if (used.kind !== 'workflow') return [];
  const inner = around.workflows?.(used.name, used.range)?.definition;
  return inner === undefined ? [] : checkWorkflow(used.name, inner.permissions, path, definition.permissions);
}

/** The host of an address whose host is written out. */
const ADDRESS =
  /^(?:https?|wss?):\/\/(?:[^/?#@\s]*@)?([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?)(?=[/?#]|$)/i;

function checkAction(
  { name, permissions }: ActionManifest,
  given: Templates,
  path: Path,
  declared: Permissions,
): readonly Finding[] {
  const texts = (inputs: readonly string[] | undefined) =>
    (inputs ?? []).flatMap((input) => {
      const value = Object.hasOwn(given, input) ? given[input] : undefined;
      return typeof value === 'string' ? [[input, value] as const] : [];
    });
  const isPlain = (value: string) => value !== '' && !value.includes('${{');
  return [
    ...(permissions.exec ?? [])
      .map((programs) => (typeof programs === 'string' ? [programs] : programs))
      .filter((programs) => !programs.some((program) => declared.exec.includes(program)))
      .map(([program = '']) => lacks('exec', program, `${tick(name)} starts`, [...path, 'uses'])),
    ...(permissions.programs ?? []).flatMap((input) => {
      const command = Object.hasOwn(given, input) ? given[input] : undefined;
      const program = Array.isArray(command) ? (command as readonly JsonValue[])[0] : undefined;
      return typeof program !== 'string' || !isPlain(program) || declared.exec.includes(program)
        ? []
        : [lacks('exec', program, `${tick(name)} starts`, [...path, 'with', input])];
    }),
    ...(permissions.hosts ?? [])
      .filter((host) => !coversHost(declared.network, host))
      .map((host) => lacks('network', host, `${tick(name)} reaches`, [...path, 'uses'])),
    ...texts(permissions.network).flatMap(([input, value]) => {
      const host = ADDRESS.exec(value)?.[1];
      return host === undefined || coversHost(declared.network, host)
        ? []
        : [lacks('network', host, `${tick(name)} reaches`, [...path, 'with', input])];
    }),
    ...(['read', 'write'] as const).flatMap((kind) =>
      texts(permissions[kind])
        .filter(([, value]) => isPlain(value) && !coversPath(withWritten(kind, declared), value))
        .map(([input, value]) => lacks(kind, value, `${tick(name)} ${kind}s`, [...path, 'with', input])),
    ),
  ];
}

/** What may be written may be read. */
function withWritten(kind: 'read' | 'write', { read, write }: Permissions): readonly string[] {
  return kind === 'read' ? [...read, ...write] : write;
}

const CODES = {
  exec: 'permission.exec_missing',
  network: 'permission.network_missing',
  read: 'permission.read_missing',
  write: 'permission.write_missing',
} as const;

function lacks(kind: keyof typeof CODES, value: string, what: string, path: Path): Finding {
  return {
    severity: 'warning',
    code: CODES[kind],
    message: `${what} ${quote(value)}, which the workflow does not ask for`,
    label: `not in ${kind}`,
    hint: `add ${quote(value)} to ${kind} under [permissions]`,
    path,
    related: [askedAt(kind)],
  };
}

function askedAt(kind: keyof Permissions): RelatedFinding {
  return { path: ['permissions', kind], at: 'key', label: 'what it asks for' };
}

/** Whoever agrees to a workflow agrees to all that it uses: nothing may come in by the back door. */
function checkWorkflow(
  id: string,
  inner: Permissions,
  path: Path,
  declared: Permissions,
): readonly Finding[] {
  return PERMISSION_KINDS.flatMap((kind) =>
    inner[kind]
      .filter((value) => !covers(kind, declared, value))
      .map((value): Finding => ({
        code: 'permission.workflow',
        message: `${tick(id)} asks for ${kind} ${quote(value)}, which this workflow does not`,
        label: 'would touch more than is agreed to',
        hint: `add ${quote(value)} to ${kind} under [permissions]`,
        path: [...path, 'uses'],
        related: [askedAt(kind)],
      })),
  );
}

function covers(kind: keyof Permissions, declared: Permissions, value: string): boolean {
  if (kind === 'network') return coversHost(declared.network, value);
  if (kind === 'read' || kind === 'write') return coversPath(withWritten(kind, declared), value);
  return declared[kind].includes(value);
}
