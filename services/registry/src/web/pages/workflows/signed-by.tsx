import { count } from '../../components/count.js';
import { Digest } from '../../components/digest.js';
import { Foreign } from '../../components/foreign.js';
import { CheckIcon, StopIcon } from '../../components/icons.js';
import { Time } from '../../components/time.js';
import { pages } from '../../paths.js';
import type { Release } from '../../release/load-release.js';

/** Who signed the version, by which keys, and where the log holds it. It says what the registry has checked, and when. */
export function SignedBy({ release }: { release: Release }) {
  const { namespace, version, keys } = release;
  const known = new Map(keys.map((key) => [key.id, key]));
  return (
    <section aria-labelledby="signed">
      <h2 id="signed">Signed by</h2>
      <ul class="plain signers">
        {version.signers.map((id) => {
          const key = known.get(id);
          return (
            <li key={id}>
              {key?.revoked === undefined ? <CheckIcon /> : <StopIcon />}
              <span>
                key <Digest value={id} isShort /> of <a href={pages.namespace(namespace)}>{namespace}</a>
                {key !== undefined && (
                  <>
                    , {key.recovery === true ? 'added in a recovery' : 'added'} on <Time iso={key.addedAt} />{' '}
                    (#
                    {key.logIndex} of the log)
                  </>
                )}
                {key?.revoked !== undefined && (
                  <strong>
                    , revoked as {key.revoked.reason} on <Time iso={key.revoked.at} />
                  </strong>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      <p class="muted">
        Entry #{version.logIndex} of the log, published on <Time iso={version.publishedAt} />{' '}
        {publishedVia(version.publishedVia)}. The registry checked{' '}
        {count(version.signers.length, 'signature', 'signatures')}, digest and archive then; your client
        checks them again, each time.
      </p>
      {version.source !== undefined && (
        <p class="muted">
          Made from commit <code>{version.source.commit.slice(0, 12)}</code> of{' '}
          <Foreign text={version.source.uri} />, as its author says.
        </p>
      )}
    </section>
  );
}

/** How it came: a person's token, a sign-in, or a job of a CI. */
function publishedVia(via: string): string {
  if (via === 'token') return 'with a token';
  if (via === 'oidc') return 'by somebody signed in';
  return `by a job of ${via.replace(/^oidc:/, '')}`;
}
