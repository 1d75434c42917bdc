import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { splitWorkflowId } from '@sheaf/workflow';
import { unpackTo } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import { defineCommand, type Outcome, type Rendered } from '../frame/command.js';
import { startClock, type Context } from '../frame/context.js';
import { CliError, describeError } from '../frame/errors.js';
import { exitCodeOf } from '../frame/exit-codes.js';
import type { FetchJson, FetchSeveralJson } from '../json/fetch.js';
import { errorDocument, renderError } from '../output/error.js';
import { renderFetched, renderSeveral, type FetchedOne } from '../output/fetched.js';
import { describeVerified } from '../output/verification.js';
import { writeCarried } from '../registry/fetch-carry.js';
import { fetchSeveral, type SeveralResult } from '../registry/fetch-several.js';
import { describeState, fetchVerified, type Fetched } from '../registry/fetch.js';
import { withReference } from '../registry/locate.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { REGISTRY_FLAG, YES_FLAG, type Session } from '../registry/session.js';
import { shellWord } from '../terminal/shell.js';
import { isCarryName } from '../workflow/carry-file.js';

export const command = defineCommand<FetchJson, FetchJson>({
  name: 'fetch',
  about: 'Download workflows into the cache and verify them; with -o, unpack them or write one to a file.',
  positionals: { names: ['REF'], completes: ['reference'], more: true, required: 1 },
  flags: [
    {
      name: 'output',
      short: 'o',
      value: 'DIR',
      completes: 'folder',
      summary:
        'unpack there; the folder must not exist, of several each gets DIR/NAMESPACE/NAME. FILE.sheaf: carry one in a file',
    },
    { name: 'offline', summary: 'use the cache alone' },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf fetch acme/release-notes@^1 acme/deploy',
    'sheaf fetch acme/release-notes@1.2.0 -o release-notes.sheaf',
  ],
  exitCodes: [0, 3, 4, 5, 6],
  run: (context, input) =>
    new Set(input.positionals).size === 1 ? runOne(context, input) : runSeveral(context, input),
  render: (data, look): Rendered => {
    if (!('workflows' in data)) return renderFetched(data, look);
    const { failed, durationMs } = data;
    const {
      talk,
      answer,
      epilogue = '',
    } = renderSeveral(data.workflows, { durationMs, failed: failed.length }, look);
    // What failed stands last, where it is seen.
    const errors = failed.map((report) => renderError(report, look.talkStyle));
    return { talk, answer, epilogue: [epilogue, ...errors].join('\n') };
  },
});

async function runOne(context: Context, input: Input): Promise<Outcome<FetchJson>> {
  return withReference(context, input, input.positionals[0] ?? '', async (session, reference) => {
    const fetched = await fetchVerified(context, session, reference, readOptions(input));
    return { data: await deliver(context, session, fetched, input.get('output')) };
  });
}

/** One that fails does not stop the others; the first failure decides how the command ends. */
async function runSeveral(context: Context, input: Input): Promise<Outcome<FetchSeveralJson>> {
  const output = input.get('output');
  if (output !== undefined && isCarryName(output)) {
    throw new CliError('usage.conflicting_flags', `${output} holds one workflow, not several`, {
      hint: 'one command for each, or a folder: sheaf fetch REF REF -o DIR',
    });
  }
  const elapsed = startClock(context);
  const results = await fetchSeveral(context, input, readOptions(input), async (session, fetched) => {
    if (output === undefined) return deliver(context, session, fetched, undefined);
    const { namespace, name } = splitWorkflowId(fetched.workflow.id);
    const parent = resolve(context.cwd, output, namespace);
    await mkdir(parent, { recursive: true });
    return deliver(context, session, fetched, join(parent, name));
  });
  const failed = results.flatMap(describeFailure);
  const [first] = failed;
  const workflows = results.flatMap((result) => (result.ok ? [result.value] : []));
  const data: FetchSeveralJson = { workflows, failed, durationMs: elapsed() };
  return first === undefined ? { data } : { data, exitCode: first.exitCode };
}

function readOptions(input: Input) {
  const output = input.get('output');
  return {
    yes: input.has('yes'),
    allowYoung: input.all('allow-young'),
    offline: input.has('offline'),
    typed: ['fetch', ...input.positionals, ...(output === undefined ? [] : ['-o', output])]
      .map(shellWord)
      .join(' '),
  };
}

async function deliver(
  context: Context,
  session: Session,
  fetched: Fetched,
  target: string | undefined,
): Promise<FetchedOne> {
  const { workflow } = fetched;
  let output: string | undefined;
  if (target !== undefined && isCarryName(target))
    output = await writeCarried(context, session, workflow, target);
  else if (target !== undefined) {
    const path = resolve(context.cwd, target);
    output = await unpackTo(workflow, dirname(path), basename(path));
  }
  return {
    ...describeVerified(fetched),
    fileCount: workflow.bundle.files.length,
    blobSizeBytes: workflow.leaf.blob.size,
    fromCache: fetched.fromCache.blob,
    durationMs: fetched.durationMs,
    ...(output === undefined ? {} : { output }),
    warnings: describeState(fetched),
  };
}

function describeFailure(result: SeveralResult<FetchedOne>) {
  if (result.ok) return [];
  const report = describeError(result.error);
  const exitCode = exitCodeOf(report);
  const { code, message, help, evidence } = errorDocument(report, exitCode);
  return [{ reference: result.word, code, message, help, evidence, exitCode }];
}
