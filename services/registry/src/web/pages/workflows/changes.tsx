import type { EntryChange, FilePatch, WorkflowChanges } from '@sheaf/bundle';
import type { JsonValue } from '@sheaf/workflow';
import type { ComponentChildren } from 'preact';
import { count } from '../../components/count.js';
import { Digest } from '../../components/digest.js';
import { Foreign, visible } from '../../components/foreign.js';
import { permissionWords } from '../../components/permissions.js';
import { Badge } from '../../components/state-badge.js';
import { Notice } from '../../components/notice.js';
import { pages } from '../../paths.js';
import { formatBytes } from '../../release/bytes.js';
import { excerptDifference } from '../../release/excerpt.js';
import type { Release } from '../../release/load-release.js';
import { Sign } from './permission-changes.js';
import { ReleaseHead } from './release-head.js';

export interface ChangesProps {
  readonly release: Release;
  /** The version that it is compared with. */
  readonly since: string;
  readonly changes: WorkflowChanges;
  readonly patches: readonly FilePatch[];
}

/** What a version has that another has not: who signed it and what it may do first, then what it takes and gives, then the rest. */
export function ChangesPage({ release, since, changes, patches }: ChangesProps) {
  const { namespace, name, workflow, version } = release;
  const v = version.version;
  return (
    <>
      <ReleaseHead release={release} here="changes" />
      <form class="compare" method="get" action={pages.changes(namespace, name, v)}>
        <label for="since">Compared with</label>
        <select id="since" name="since">
          {workflow.versions
            .filter((each) => each.version !== v && each.state !== 'quarantined')
            .slice(0, 200)
            .map((each) => (
              <option key={each.version} value={each.version} selected={each.version === since}>
                {each.version}
              </option>
            ))}
        </select>
        <button class="quiet">Compare</button>
      </form>
      <div class="stack">
        <Part id="signer" title="Signer">
          {changes.signers === undefined ? (
            <p>The same keys signed both.</p>
          ) : (
            <Notice kind="warn" title="Other keys signed it">
              <ul class="plain changes">
                {changes.signers.after
                  .filter((id) => changes.signers?.before.includes(id) !== true)
                  .map((id) => (
                    <li key={id} class="added">
                      <Sign sign="+" meaning="new" /> <Digest value={id} isShort />
                    </li>
                  ))}
                {changes.signers.before
                  .filter((id) => changes.signers?.after.includes(id) !== true)
                  .map((id) => (
                    <li key={id} class="removed">
                      <Sign sign="−" meaning="no longer" /> <Digest value={id} isShort />
                    </li>
                  ))}
              </ul>
              <p>
                <a href={pages.namespace(namespace)}>The keys of {namespace}</a> say when each was added.
              </p>
            </Notice>
          )}
        </Part>
        <Part id="permissions" title="What it may do">
          <Permissions changes={changes.permissions} />
        </Part>
        <Entries id="parameters" title="Parameters" entries={changes.parameters} />
        <Entries id="outputs" title="Outputs" entries={changes.outputs} />
        <Entries id="steps" title="Steps" entries={changes.steps} />
        <Entries id="requirements" title="Needs on the machine" entries={changes.requirements} />
        <Entries id="dependencies" title="Workflows it uses" entries={changes.dependencies} />
        <Files changes={changes} patches={patches} />
      </div>
    </>
  );
}

function Part({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

function Permissions({ changes: { added, removed, kept } }: { changes: WorkflowChanges['permissions'] }) {
  if (added.length + removed.length === 0)
    return <p>{kept === 0 ? 'Both ask for nothing.' : 'Both ask for the same.'}</p>;
  return (
    <ul class="plain changes">
      {added.map(({ kind, value, neededBy }) => (
        <li key={`+${kind} ${value}`} class="added">
          <Sign sign="+" meaning="new" /> {permissionWords(kind).says}{' '}
          <code>
            <Foreign text={value} />
          </code>
          {neededBy !== undefined && (
            <span class="muted">
              {' '}
              for step <Foreign text={neededBy.step} />
            </span>
          )}
        </li>
      ))}
      {removed.map(({ kind, value }) => (
        <li key={`-${kind} ${value}`} class="removed">
          <Sign sign="−" meaning="no longer" /> {permissionWords(kind).says}{' '}
          <code>
            <Foreign text={value} />
          </code>
        </li>
      ))}
    </ul>
  );
}

const SIGNS = {
  added: { sign: '+', meaning: 'new' },
  removed: { sign: '−', meaning: 'gone' },
  changed: { sign: '~', meaning: 'changed' },
} as const;

/** Parts of a definition by name. A part in which nothing changed is not there. */
function Entries({ id, title, entries }: { id: string; title: string; entries: readonly EntryChange[] }) {
  if (entries.length === 0) return null;
  return (
    <Part id={id} title={title}>
      <ul class="plain changes">
        {entries.map(({ change, name, breaking, fields }) => (
          <li key={name} class={change}>
            <Sign {...SIGNS[change]} />{' '}
            <code>
              <Foreign text={name} />
            </code>{' '}
            {breaking && <Badge tone="bad">breaking</Badge>}
            {fields.length > 0 && (
              <dl class="fields">
                {fields.map(({ field, before, after }) => (
                  <div key={field}>
                    <dt>
                      <Foreign text={field} />
                    </dt>
                    <dd>
                      <Values before={before} after={after} />
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}

const MOST_CHARACTERS = 400;

function Values({ before, after }: { before: JsonValue | undefined; after: JsonValue | undefined }) {
  const [was, is] = [before, after].map(textOf);
  const [old, now] =
    was === undefined || is === undefined ? [was, is] : excerptDifference(was, is, MOST_CHARACTERS);
  return (
    <>
      <Value text={old} /> <span aria-hidden="true">→</span>
      <span class="visually-hidden">is now</span> <Value text={now} />
    </>
  );
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : JSON.stringify(value);
}

function Value({ text }: { text: string | undefined }) {
  if (text === undefined) return <span class="muted">nothing</span>;
  return (
    <code>
      <Foreign text={text} maxLength={MOST_CHARACTERS + 2} />
    </code>
  );
}

function Files({ changes, patches }: { changes: WorkflowChanges; patches: readonly FilePatch[] }) {
  const patchOf = new Map(patches.map((patch) => [patch.path, patch]));
  return (
    <Part id="files" title="Files">
      {changes.files.length === 0 && <p>Every file is the same.</p>}
      {changes.files.map(({ change, path, beforeBytes, afterBytes, executable }) => (
        <details
          key={path}
          class={`file-change ${change}`}
          open={patchOf.has(path) && changes.files.length <= 8}
        >
          <summary>
            <Sign {...SIGNS[change]} />{' '}
            <code>
              <Foreign text={path} />
            </code>{' '}
            <span class="muted">{sizes(beforeBytes, afterBytes)}</span>{' '}
            {executable !== undefined && (
              <Badge tone="warn">{executable.after ? 'now executable' : 'no longer executable'}</Badge>
            )}
          </summary>
          <Patch patch={patchOf.get(path)} />
        </details>
      ))}
      {changes.files.length > 0 && changes.filesKept > 0 && (
        <p class="muted">{count(changes.filesKept, 'other file is', 'other files are')} the same.</p>
      )}
    </Part>
  );
}

function sizes(before: number | undefined, after: number | undefined): string {
  if (before !== undefined && after !== undefined)
    return before === after ? formatBytes(after) : `${formatBytes(before)} → ${formatBytes(after)}`;
  return formatBytes(before ?? after ?? 0);
}

/** Lines are shown whole, as nobody may be shown less than what changed; a page has room for so many of this length. */
const MOST_LINE = 20_000;
const KINDS = { '+': 'added', '-': 'removed' } as const;

function Patch({ patch }: { patch: FilePatch | undefined }) {
  if (patch === undefined) return <p>Its lines are not shown: there is too much of it. The bundle has it.</p>;
  if (patch.omitted !== undefined)
    return <p>{patch.omitted === 'binary' ? 'It is no text.' : 'It is too large to be compared here.'}</p>;
  return (
    <div
      class="table source"
      role="region"
      aria-label={`What changed in ${visible(patch.path)}`}
      tabIndex={0}
    >
      {patch.hunks.map((hunk) => (
        <table key={hunk.after.start}>
          <tbody>
            {hunk.lines.map((line, at) => {
              const sign = line.slice(0, 1);
              const kind = sign === '+' || sign === '-' ? KINDS[sign] : undefined;
              return (
                <tr key={at} {...(kind !== undefined && { class: kind })}>
                  <td class="number" aria-hidden={kind === undefined}>
                    {kind === undefined ? '' : <Sign sign={sign} meaning={SIGNS[kind].meaning} />}
                  </td>
                  <td class="line">{visible(line.slice(1).replaceAll('\t', '    '), MOST_LINE)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      ))}
    </div>
  );
}
