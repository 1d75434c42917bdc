import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'trust-list',
  'Whom this machine believes: rules, publishers accepted at first use, pinned registries.',
  Type.Object({
    file: text('the file'),
    mode: text('`tofu`: publishers are accepted at first use; `strict`: only rules count'),
    modeFrom: text('where the mode is set'),
    files: listOf(
      Type.Object({
        layer: text('whose rules: machine, user, project or environment'),
        file: text('the file'),
      }),
      'the files that were found',
    ),
    minReleaseAgeMs: whole('how old a release must be'),
    onSignerChange: text('what a change of the signer does'),
    onYanked: text('what a yanked version does'),
    rules: listOf(
      Type.Object({
        namespace: text('`*` stands for any run of characters'),
        registry: Type.Optional(text("the registry's origin; any registry when it is left out")),
        keys: listOf(Type.String(), 'the keys'),
        oidc: Type.Optional(
          Type.Object(
            {
              issuer: text('who issues the tokens'),
              claims: listOf(
                Type.Tuple([Type.String(), Type.String()]),
                'name and value; the value exact, or with `*` for any run of characters',
              ),
              anyJob: Type.Optional(Type.Literal(true, { description: "whoever's jobs they are" })),
            },
            { description: 'A job that an issuer vouches for counts as one of the keys' },
          ),
        ),
        threshold: whole('how many of the keys must have signed, at least 1'),
        minReleaseAgeMs: Type.Optional(whole('how old a release must be')),
        deny: yesNo('whether nobody is allowed'),
        place: Type.Object(
          {
            file: text('the file'),
            line: whole('1-based'),
          },
          { description: 'where the rule stands' },
        ),
        layer: oneOf(['machine', 'project', 'user'], 'whose rules: machine, user, project or environment'),
      }),
      'the rules',
    ),
    registryRules: listOf(
      Type.Object({
        origin: text('the origin of the registry, which its log is named by'),
        logKey: Type.Optional(text('the C2SP verifier key that its public log must have')),
        maxAgeMs: Type.Optional(whole('how old the newest checkpoint may be')),
        place: Type.Object(
          {
            file: text('the file'),
            line: whole('1-based'),
          },
          { description: 'where the rule stands' },
        ),
        layer: oneOf(['machine', 'project', 'user'], 'whose rules: machine, user, project or environment'),
      }),
      'rules for whole registries',
    ),
    witnesses: Type.Optional(
      Type.Object(
        {
          names: listOf(Type.String(), 'the names'),
          quorum: Type.Union([Type.Null(), Type.String()], {
            description: 'how many witnesses must have signed',
          }),
        },
        { description: 'the witnesses that count' },
      ),
    ),
    accepted: listOf(
      Type.Object({
        registry: text('the registry, as `registryIdOf` names it'),
        origin: text('the origin of the registry, which its log is named by'),
        namespace: text('the namespace'),
        keys: listOf(Type.String(), 'the keys'),
        threshold: whole('how many keys had signed then; later releases must have as many of them'),
        acceptedAt: time('RFC 3339, UTC'),
        how: oneOf(
          ['asked', 'endorsed', 'flag'],
          'asked and answered, by a flag, or because accepted keys vouched for the new one',
        ),
      }),
      'what this machine has accepted at first use',
    ),
    registries: listOf(
      Type.Object({
        url: text('address'),
        origin: text('the origin of the registry, which its log is named by'),
        logKey: text('the key of the log, in the form of signed notes'),
        pinnedAt: time('since when its log key is pinned'),
        logs: listOf(
          Type.Object({
            realm: text('the log: `public`, or a private namespace'),
            size: whole('how many entries the log has'),
            checkedAt: time('when that was checked'),
          }),
          'the logs that are pinned',
        ),
      }),
      'the registries',
    ),
  }),
);

export type TrustListJson = JsonOf<typeof document>;
