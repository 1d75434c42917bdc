import { Type } from '@sinclair/typebox';
import { contents } from './parts/contents.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time, whole } from './parts/fields.js';
import { permissions } from './parts/permissions.js';
import { revocation } from './parts/revocation.js';

export const document = defineDocument(
  'info',
  'A workflow and one version of it, as the registry describes them; nothing of it is verified.',
  Type.Object({
    registry: text('address of the registry'),
    workflow: Type.Object(
      {
        downloads: Type.Optional(whole('of all versions together')),
        title: Type.Optional(text('its title')),
        description: Type.Optional(text('what it is for')),
        license: Type.Optional(text('SPDX expression of its licence')),
        homepage: Type.Optional(text('its home page')),
        id: text('its id'),
        channels: Type.Record(Type.String(), Type.String(), {
          description: 'channels that point at it, or of the workflow',
        }),
        permissions: Type.Object(permissions.properties, { description: 'what it may do' }),
        tags: listOf(Type.String(), 'its tags'),
        versions: listOf(
          Type.Object({
            revoked: Type.Optional(
              Type.Object(revocation.properties, {
                description:
                  'the first revocation of one of its keys that refuses it: nobody who verifies takes it any more',
              }),
            ),
            reason: Type.Optional(text('why')),
            replacement: Type.Optional(text('what to use instead')),
            downloads: Type.Optional(
              whole('how often it was downloaded, in documents that are read; it lags by a minute or so'),
            ),
            downloadsByDay: Type.Optional(
              Type.Record(Type.String(), Type.Integer(), {
                description: 'of the last seven days with downloads, by day in UTC',
              }),
            ),
            version: text('the version'),
            logIndex: whole('its place in the log'),
            state: oneOf(
              ['active', 'deprecated', 'quarantined', 'yanked'],
              'active, deprecated, yanked or quarantined',
            ),
            digest: text('sha256 of the canonical tar'),
            sizeBytes: whole('size in bytes'),
            blobSizeBytes: whole('size of the packed bundle'),
            publishedAt: time('when it was published'),
            publishedVia: text(
              '`token`, `oidc` for a sign-in, or `oidc:` and the kind of issuer of a trusted publisher',
            ),
            signers: listOf(Type.String(), 'who signed it'),
          }),
          'newest first by SemVer precedence',
        ),
      },
      { description: 'the workflow' },
    ),
    version: Type.Object(
      {
        revoked: Type.Optional(
          Type.Object(revocation.properties, { description: 'the revocation of the key that signed it' }),
        ),
        reason: Type.Optional(text('why')),
        replacement: Type.Optional(text('what to use instead')),
        downloads: Type.Optional(whole('how often it was fetched')),
        downloadsByDay: Type.Optional(
          Type.Record(Type.String(), Type.Integer(), {
            description: 'of the last seven days with downloads, by day in UTC',
          }),
        ),
        source: Type.Optional(
          Type.Object(
            {
              uri: text('address of the repository'),
              commit: text('commit that the files come from'),
            },
            { description: 'where it came from' },
          ),
        ),
        title: Type.Optional(text('its title')),
        description: Type.Optional(text('what it is for')),
        license: Type.Optional(text('SPDX expression of its licence')),
        homepage: Type.Optional(text('its home page')),
        id: text('its id'),
        version: text('the version'),
        logIndex: whole('its place in the log'),
        state: oneOf(
          ['active', 'deprecated', 'quarantined', 'yanked'],
          'active, deprecated, yanked or quarantined',
        ),
        digest: text('sha256 of the canonical tar'),
        sizeBytes: whole('size in bytes'),
        blobSizeBytes: whole('size of the packed bundle'),
        publishedAt: time('when it was published'),
        publishedVia: text('how it was published'),
        signers: listOf(Type.String(), 'who signed it'),
        ...contents,
        tags: listOf(Type.String(), 'its tags'),
      },
      { description: 'the version' },
    ),
    project: Type.Optional(
      Type.Object(
        {
          name: text('its short name in sheaf.toml'),
          locked: listOf(Type.String(), 'versions that sheaf.lock holds'),
        },
        { description: 'what the project of the current folder says of it' },
      ),
    ),
    readme: Type.Optional(text('its README, when that was asked for')),
  }),
);

export type InfoJson = JsonOf<typeof document>;
