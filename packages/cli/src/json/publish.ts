import { Type } from '@sinclair/typebox';
import { diagnostic } from './parts/diagnostic.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { amount, listOf, oneOf, text, time, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'publish',
  'A workflow that was published; or several, all or none of them.',
  Type.Union([
    Type.Object({
      status: oneOf(
        ['published', 'unchanged', 'would_publish'],
        '`published`, `unchanged` when the registry had this bundle, `would_publish` after a dry run',
      ),
      id: text('its id'),
      version: text('the version'),
      digest: text('sha256 of the canonical tar'),
      sizeBytes: whole('size in bytes'),
      blobSizeBytes: whole('size of the packed bundle'),
      files: listOf(
        Type.Object({
          path: text('path of the file'),
          sizeBytes: whole('size in bytes'),
          executable: yesNo('whether it may be executed'),
        }),
        'files of the bundle',
      ),
      registry: text('address of the registry'),
      git: Type.Union(
        [
          Type.Object({
            kind: Type.Literal('none'),
          }),
          Type.Object({
            kind: Type.Literal('dirty'),
            files: listOf(Type.String(), 'files that are not as the commit has them'),
          }),
          Type.Object({
            kind: Type.Literal('unnamed'),
            commit: text('commit that the files come from'),
          }),
          Type.Object({
            kind: Type.Literal('clean'),
            uri: text('address of the repository'),
            commit: text('commit that the files come from'),
          }),
        ],
        { description: 'the git repository' },
      ),
      signer: Type.Optional(
        Type.Object(
          {
            id: text('its id'),
            name: Type.Optional(text('what the key is called here, when it is here')),
          },
          { description: 'who signed it' },
        ),
      ),
      cosigners: Type.Optional(
        listOf(
          Type.Object({
            id: text('its id'),
            name: Type.Optional(text('what the key is called here, when it is here')),
          }),
          'witnesses that signed the checkpoint',
        ),
      ),
      signers: Type.Optional(listOf(Type.String(), 'whose signatures the log holds, verified')),
      logIndex: Type.Optional(whole('its place in the log')),
      created: listOf(Type.String(), 'what was made for it, such as a namespace or a key, a line each'),
      changes: Type.Optional(
        Type.Object(
          {
            from: text('the version before'),
            lines: listOf(Type.String(), 'what it asks for more or less, a line each'),
          },
          { description: 'what changed since the version before' },
        ),
      ),
      latest: Type.Object(
        {
          before: Type.Optional(text('as it was before')),
          after: Type.Optional(text('as it is afterwards')),
        },
        { description: 'the latest version' },
      ),
      channel: Type.Optional(
        Type.Object(
          {
            name: text('its name'),
            version: Type.Optional(text('the version')),
            kept: Type.Optional(Type.Literal('higher')),
          },
          {
            description:
              'the channel that was asked for, and the version that it points at, when the registry says',
          },
        ),
      ),
      durationMs: amount('how long it took'),
      diagnostics: listOf(diagnostic, 'what was found in the definition'),
      warnings: listOf(Type.String(), 'what to look at, or how many there are'),
    }),
    Type.Object({
      status: oneOf(['published', 'staged', 'unchanged', 'would_publish'], 'how it ended'),
      registry: text('address of the registry'),
      versions: listOf(
        Type.Object({
          id: text('its id'),
          version: text('the version'),
          digest: text('sha256 of the canonical tar'),
          fileCount: whole('how many files the bundle has'),
          blobSizeBytes: whole('size of the packed bundle'),
        }),
        'the versions, in the order in which they were named',
      ),
      logIndexes: Type.Optional(
        listOf(Type.Integer(), 'where the log holds each version, in the same order'),
      ),
      stage: Type.Optional(
        Type.Object(
          {
            id: text('its id'),
            expiresAt: time('when it ends'),
          },
          { description: 'the staged set' },
        ),
      ),
      created: listOf(Type.String(), 'what was made for it, such as a namespace or a key, a line each'),
      channel: Type.Optional(
        Type.Object({ name: text('its name') }, { description: 'the channel that was asked for' }),
      ),
      channelKept: Type.Optional(
        listOf(
          Type.Object({
            id: text('its id'),
            version: text('the version'),
            higher: text('the higher version at which the channel stays'),
          }),
          'versions that were published before, and the higher ones at which the channel therefore stays',
        ),
      ),
      diagnostics: listOf(diagnostic, 'what was found in the definition'),
      durationMs: amount('how long it took'),
    }),
  ]),
);

export type PublishJson = JsonOf<typeof document>;
