import {
  formatDurationMs,
  formatReference,
  formatTimeMs,
  parseReference,
  type LockChange,
} from '@sheaf/client';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { readReference } from '../project/read-reference.js';
import { CliError } from '../frame/errors.js';
import type { AddJson } from '../json/add.js';
import { listPermissions } from '../output/permissions.js';
import { addWorkflow, type Chosen } from '../project/add-workflow.js';
import { chooseQualifier } from '../project/choose-qualifier.js';
import { findProject, newProject, RESERVED_NAMES, type OpenProject } from '../project/open-project.js';
import { describeHeld, describeRefused, renderLockChange } from '../project/render-lock.js';
import { chooseName } from '../project/short-name.js';
import { fetchVerified } from '../registry/fetch.js';
import { withReference } from '../registry/locate.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { asPath, REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { hangText, shortId } from '../terminal/text.js';

interface Added extends Omit<AddJson, 'changes'> {
  readonly changes: readonly LockChange[];
}

export const command = defineCommand<Added, AddJson>({
  name: 'add',
  about: 'Add a workflow to sheaf.toml and sheaf.lock, after verifying it.',
  positionals: { names: ['REF'], required: 1, completes: ['reference'] },
  flags: [
    { name: 'as', value: 'NAME', summary: "its short name here, when that is not the workflow's own" },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
    {
      name: 'registry-name',
      value: 'NAME',
      summary: 'what sheaf.toml calls a registry that has no name there or in your config.toml yet',
    },
  ],
  examples: ['sheaf add acme/release-notes', 'sheaf add corp:acme/deploy@^1.2 --as ship'],
  exitCodes: [0, 2, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const data = await add(context, input);
    return { data, exitCode: data.refused.length === 0 ? 0 : 3 };
  },
  render,
});

async function add(context: Context, input: Input): Promise<Added> {
  const word = input.positionals[0] ?? '';
  assertReference(word, context.cwd);
  const found = await findProject(context);
  const project = found ?? newProject(context);
  const asked = await readReference(context, word);
  // What is wrong with the name is told before anything is fetched.
  const name = chooseName(project, RESERVED_NAMES, asked, input.get('as'));
  const options = { yes: input.has('yes'), allowYoung: input.all('allow-young'), offline: false };
  const known = project.workflows.get(name)?.reference;
  // Without a wish of its own the requirement that is there stays.
  const wanted = known !== undefined && asked.selector.kind === 'latest' ? formatReference(known) : word;
  const chosen = await withReference(context, input, wanted, async (session, reference): Promise<Chosen> => {
    const registry = await chooseQualifier(context, input, { project, reference, choice: session.choice });
    const fetched = await fetchVerified(context, session, reference, options);
    return { reference, fetched, url: session.url, registry };
  });
  if (found === undefined)
    context.ui.say(
      `there is no sheaf.toml here or in a folder above: ${project.file} is begun in this folder`,
    );
  const entry = await addWorkflow({ context, input, project }, { name, chosen, isNew: found === undefined });
  return describe(project, { name, chosen, entry, isNew: found === undefined });
}

function assertReference(word: string, cwd: string): void {
  if (asPath(word, cwd) === undefined && !word.endsWith('.sheaf')) return;
  throw new CliError('usage.reference', `${word} is a path, and sheaf.toml names what others published`, {
    hint: [`run it as it is: sheaf run ${shellWord(word)}`, 'or name a published one: sheaf add acme/deploy'],
  });
}

function describe(
  project: OpenProject,
  {
    name,
    chosen: { fetched },
    entry,
    isNew,
  }: {
    readonly name: string;
    readonly chosen: Chosen;
    readonly entry: Awaited<ReturnType<typeof addWorkflow>>;
    readonly isNew: boolean;
  },
): Added {
  const { workflow, pin, resolution } = fetched;
  const { standing } = workflow;
  const isChanged = entry.written.project;
  return {
    action: !isChanged ? 'unchanged' : entry.before === undefined ? 'added' : 'changed',
    file: project.file,
    created: isNew,
    name,
    reference: entry.reference,
    ...(entry.before === undefined ? {} : { before: entry.before }),
    id: workflow.id,
    version: workflow.version,
    digest: workflow.digest,
    registry: pin.origin,
    ...(entry.registry === undefined ? {} : { registryAdded: entry.registry }),
    signers: workflow.signers.map(({ id }) => id),
    logIndex: workflow.logIndex,
    permissions: workflow.bundle.definition.permissions,
    state: standing.state,
    ...(standing.reason === undefined ? {} : { reason: standing.reason }),
    ...(standing.replacement === undefined ? {} : { replacement: standing.replacement }),
    ...(resolution?.held === undefined ? {} : { held: describeHeld(resolution.held) }),
    lockFile: project.lockFile,
    lockWritten: entry.written.lock,
    changes: entry.changes,
    refused: entry.refused.map(describeRefused),
  };
}

function render(data: Added, { style, talkStyle, talkColumns }: Look): Rendered {
  const signers = data.signers.map((id) => shortId(id)).join(', ');
  const permissions = listPermissions(data.permissions);
  const uses = permissions.length === 0 ? 'declares no permissions' : permissions.join(' · ');
  return {
    talk: [
      `${talkStyle.bold(`${data.id} ${data.version}`)} verified · signed by ${signers} · log #${data.logIndex}`,
      ...hangText('  may use  ', uses, talkColumns),
      ...renderState(data).map((line) => `${talkStyle.yellow('warning:')} ${line}`),
      ...(data.registryAdded === undefined
        ? []
        : [
            `registry ${data.registryAdded.name} added to ${data.file}: ${printable(data.registryAdded.url)}`,
          ]),
    ].join('\n'),
    answer: [
      ...data.changes.map((change) => renderLockChange(change)),
      ...data.refused.map(
        ({ id, version, code, message }) =>
          `${style.red('FAIL')} ${id} ${version}  ${code}: ${printable(message)}`,
      ),
    ].join('\n'),
    epilogue: talkStyle.green(verdict(data)),
  };
}

function renderState({ id, state, reason, replacement, held }: Added): readonly string[] {
  const why = reason === undefined ? '' : `: ${printable(reason)}`;
  return [
    ...(state === 'active' ? [] : [`it is ${state}${why}`]),
    ...(replacement === undefined ? [] : [`take instead: sheaf add ${shellWord(printable(replacement))}`]),
    ...(held === undefined
      ? []
      : [
          `${held.version} is held until ${formatTimeMs(Date.parse(held.until))} (min_release_age ${formatDurationMs(held.minReleaseAgeMs)}); once: --allow-young ${id}@${held.version}`,
        ]),
  ];
}

function verdict({ action, name, reference, before, file, lockFile, lockWritten, version }: Added): string {
  const locked = `${lockFile} ${lockWritten ? 'locks' : 'already locked'} ${version}`;
  switch (action) {
    case 'added':
      return `${file}: ${name} = ${formatReference(parseReference(reference))}; ${locked}; run it with  sheaf run ${name}`;
    case 'changed':
      return `${file}: ${name} was ${before ?? ''}, and is ${reference} now; ${locked}`;
    case 'unchanged':
      return lockWritten
        ? `${file} had ${name} = ${reference} already; ${locked}`
        : `${file} has ${name} = ${reference} already, locked: nothing was changed`;
  }
}
