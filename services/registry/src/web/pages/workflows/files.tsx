import type { VersionDocument } from '@sheaf/client/contract';
import { Digest } from '../../components/digest.js';
import { Foreign } from '../../components/foreign.js';
import { Badge } from '../../components/state-badge.js';
import { Table } from '../../components/table.js';
import { pages } from '../../paths.js';
import { formatBytes } from '../../release/bytes.js';
import type { Release } from '../../release/load-release.js';
import { ReleaseHead } from './release-head.js';

/** Most files in one list; the rest are in the bundle. */
const SHOWN = 1000;

/** What is in the bundle, exactly. */
export function FilesPage({ release }: { release: Release }) {
  const { namespace, name, version } = release;
  const files = version.files.slice(0, SHOWN);
  const isObtainable = version.state !== 'quarantined';
  return (
    <>
      <ReleaseHead release={release} here="files" />
      <p class="muted">
        All of it is covered by one digest: <Digest value={version.digest} />
      </p>
      <Table
        caption="Files"
        head={['File', 'Size']}
        rows={files.map((file) => [
          <FileName
            key="name"
            file={file}
            href={isObtainable ? pages.file(namespace, name, version.version, file.path) : undefined}
          />,
          formatBytes(file.sizeBytes),
        ])}
      />
      {version.files.length > SHOWN && (
        <p>
          {(version.files.length - SHOWN).toLocaleString('en')} more are not listed here. They are in the
          bundle.
        </p>
      )}
    </>
  );
}

function FileName({ file, href }: { file: VersionDocument['files'][number]; href: string | undefined }) {
  const name = (
    <code>
      <Foreign text={file.path} />
    </code>
  );
  return (
    <>
      {href === undefined ? name : <a href={href}>{name}</a>} {file.executable && <Badge>executable</Badge>}
    </>
  );
}
