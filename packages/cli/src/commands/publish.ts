import { defineCommand, omit } from '../frame/command.js';
import type { PublishJson } from '../json/publish.js';
import { renderPublishedTogether, type PublishedTogether } from '../output/published-together.js';
import { renderPublished, type Published } from '../output/published.js';
import { OIDC_TOKEN_FILE_FLAG } from '../registry/identity-token.js';
import { publishOne } from '../registry/publish-one.js';
import { publishSeveral } from '../registry/publish-several.js';
import { REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';

export const command = defineCommand<Published | PublishedTogether, PublishJson>({
  name: 'publish',
  about:
    'Sign a workflow and publish it, or publish a signed .sheaf file; several are published together or not at all. The same again is safe.',
  positionals: { names: ['DIR'], completes: ['folder'], more: true, required: 0 },
  flags: [
    {
      name: 'key',
      value: 'NAME',
      completes: 'key',
      repeat: true,
      summary: 'sign with this key; several where several must sign',
    },
    {
      name: 'dry-run',
      summary: 'do everything but send it: ask the registry whether it would take it, list the files',
    },
    { name: 'stage', summary: 'let somebody with another key approve it before anybody sees it' },
    { name: 'channel', value: 'NAME', summary: 'point this channel at the version; it takes a maintainer' },
    { name: 'force', summary: 'publish although the interface breaks within its major version' },
    { name: 'verbose', short: 'v', summary: 'list the files' },
    { name: 'allow-dirty', summary: 'publish also what is not as the commit has it, and name no commit' },
    { name: 'allow-secrets', summary: 'publish also what looks like a secret' },
    OIDC_TOKEN_FILE_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf publish my-flow --key laptop --dry-run', 'sheaf publish build deploy --stage'],
  exitCodes: [0, 1, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const isSeveral = input.positionals.length > 1 || input.has('stage');
    return { data: await (isSeveral ? publishSeveral(context, input) : publishOne(context, input)) };
  },
  toJson: (data) => ('versions' in data ? omit(data, 'sources', 'at') : omit(data, 'sources', 'at', 'lists')),
  render: (data, look) =>
    'versions' in data ? renderPublishedTogether(data, look) : renderPublished(data, look),
});
