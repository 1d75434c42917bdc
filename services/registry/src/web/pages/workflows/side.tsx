import { routes } from '@sheaf/client/contract';
import { count } from '../../components/count.js';
import { Digest } from '../../components/digest.js';
import { Foreign } from '../../components/foreign.js';
import { TagList } from '../../components/tag-list.js';
import { Time } from '../../components/time.js';
import { formatBytes } from '../../release/bytes.js';
import type { Release } from '../../release/load-release.js';
import { pages } from '../../paths.js';

/** Facts beside what is read. */
export function ReleaseSide({ release: { namespace, name, workflow, version } }: { release: Release }) {
  const { version: v } = version;
  const channels = Object.entries(workflow.channels);
  return (
    <aside class="side" aria-label="About this version">
      <dl class="terms">
        <div>
          <dt>Licence</dt>
          <dd>{version.license === undefined ? 'not said' : <Foreign text={version.license} />}</dd>
        </div>
        <div>
          <dt>Published</dt>
          <dd>
            <Time iso={version.publishedAt} />
          </dd>
        </div>
        <div>
          <dt>Fetched</dt>
          <dd>
            {count(version.downloads ?? 0, 'time', 'times')}
            {workflow.versions.length > 1 && `, ${count(workflow.downloads ?? 0, 'time', 'times')} in all`}
          </dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>
            {formatBytes(version.sizeBytes)}, {formatBytes(version.blobSizeBytes)} packed
          </dd>
        </div>
        <div>
          <dt>Digest</dt>
          <dd>
            <Digest value={version.digest} isShort />
          </dd>
        </div>
        {channels.length > 0 && (
          <div>
            <dt>Channels</dt>
            <dd>
              <ul class="plain">
                {channels.map(([channel, at]) => (
                  <li key={channel}>
                    {channel} <a href={pages.version(namespace, name, at)}>{at}</a>
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        {version.tags.length > 0 && (
          <div>
            <dt>Tags</dt>
            <dd>
              <TagList tags={version.tags.map((tag) => ({ tag }))} />
            </dd>
          </div>
        )}
        <div>
          <dt>Links</dt>
          <dd>
            <ul class="plain">
              {version.homepage !== undefined && isWebAddress(version.homepage) && (
                <li>
                  <a href={version.homepage} rel="nofollow noopener noreferrer ugc">
                    Homepage
                  </a>
                </li>
              )}
              {version.state !== 'quarantined' && (
                <li>
                  <a href={routes.download(namespace, name, v)}>Bundle</a>
                </li>
              )}
              <li>
                <a href={routes.receipt(namespace, name, v)}>Receipt</a>
              </li>
            </ul>
          </dd>
        </div>
      </dl>
    </aside>
  );
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}
