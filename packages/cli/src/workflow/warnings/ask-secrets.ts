import type { Context } from '../../frame/context.js';
import { CliError } from '../../frame/errors.js';
import { renderDiagnostics, type ShownDiagnostic } from '../../output/diagnostics.js';
import { plural } from '../../terminal/text.js';
import { isSecret } from './finding.js';

/**
 * Before something is published for good: what looks like a secret is shown, and needs a yes of its own. `--yes` is
 * none, because it is given for a namespace or a log key and not for this.
 *
 * @throws CliError `pack.secrets` when nobody can be asked, `approval.refused`
 */
export async function askAboutSecrets(
  { ui }: Pick<Context, 'ui'>,
  findings: readonly ShownDiagnostic[],
  allow: boolean,
): Promise<void> {
  const secrets = findings.filter(isSecret);
  if (secrets.length === 0 || allow) return;
  const found = `${plural(secrets.length, 'finding')} in the bundle ${secrets.length === 1 ? 'looks' : 'look'} like secrets`;
  ui.say(renderDiagnostics(secrets, ui.stderr.style, undefined, ui.stderr.columns()));
  if (!ui.canAsk) {
    throw new CliError('pack.secrets', `${found}; nothing was published`, {
      hint: [
        'leave them out of [bundle] include: what was published cannot be taken back',
        'when they are none: --allow-secrets',
      ],
      data: { diagnostics: secrets },
    });
  }
  if (await ui.confirm(`${found}. Publish it all the same?`)) return;
  throw new CliError('approval.refused', 'not agreed; nothing was published', {
    hint: 'leave them out of [bundle] include',
  });
}
