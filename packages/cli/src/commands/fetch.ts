import { basename, dirname, resolve } from 'node:path';
import { unpackTo } from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import type { FetchJson } from '../json/fetch.js';
import { describeVerified, type VerifiedData } from '../output/verification.js';
import { writeCarried } from '../registry/fetch-carry.js';
import { describeState, fetchVerified } from '../registry/fetch.js';
import { withReference } from '../registry/locate.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';
import { isCarryName } from '../workflow/carry-file.js';
import { formatBytes, formatDuration, plural, shortId } from '../terminal/text.js';

interface FetchedData extends VerifiedData {
  readonly files: number;
  readonly blobSizeBytes: number;
  readonly fromCache: boolean;
  readonly durationMs: number;
  readonly output?: string;
  readonly warnings: readonly string[];
}

export const command = defineCommand<FetchedData, FetchJson>({
  name: 'fetch',
  about: 'Download a workflow into the cache and verify it; with -o, unpack it or write it to a file.',
  positionals: { names: ['REF'], required: 1 },
  flags: [
    {
      name: 'output',
      short: 'o',
      value: 'DIR',
      summary: 'unpack there; the folder must not exist. FILE.sheaf: carry it in one file',
    },
    { name: 'offline', summary: 'use the cache alone' },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf fetch acme/release-notes@^1',
    'sheaf fetch acme/release-notes@1.2.0 -o release-notes.sheaf',
  ],
  exitCodes: [0, 3, 4, 5, 6],
  run: (context, input) =>
    withReference(context, input, input.positionals[0] ?? '', async (session, reference) => {
      const options = {
        yes: input.has('yes'),
        allowYoung: input.all('allow-young'),
        offline: input.has('offline'),
      };
      const fetched = await fetchVerified(context, session, reference, options);
      const target = input.get('output');
      let output: string | undefined;
      if (target !== undefined && isCarryName(target))
        output = await writeCarried(context, session, fetched.workflow, target);
      else if (target !== undefined) {
        const path = resolve(context.cwd, target);
        output = await unpackTo(fetched.workflow, dirname(path), basename(path));
      }
      return {
        data: {
          ...describeVerified(fetched),
          files: fetched.workflow.bundle.files.length,
          blobSizeBytes: fetched.workflow.leaf.blob.size,
          fromCache: fetched.fromCache.blob,
          durationMs: fetched.durationMs,
          ...(output === undefined ? {} : { output }),
          warnings: describeState(fetched),
        },
      };
    }),
  render: (data, { talkStyle }) => ({
    talk: [
      ...data.warnings.map((line) => `${talkStyle.yellow('warning:')} ${line}`),
      `${talkStyle.bold(`${data.id} ${data.version}`)} verified · signed by ${data.signers.map((id) => shortId(id)).join(', ')} · log #${data.logIndex}${data.offline ? ' · offline, freshness not checked' : ''}`,
      `${plural(data.files, 'file')}, ${formatBytes(data.blobSizeBytes)} ${data.fromCache ? 'from the cache' : 'fetched'} in ${formatDuration(data.durationMs)}${data.output === undefined ? '' : `, ${isCarryName(data.output) ? 'written' : 'unpacked'} to ${data.output}`}`,
    ].join('\n'),
    answer: `${data.id}@${data.version} ${data.digest}`,
  }),
});
