import { routes } from '@sheaf/client/contract';
import { Foreign, visible } from '../../components/foreign.js';
import { Digest } from '../../components/digest.js';
import { pages } from '../../paths.js';
import { formatBytes } from '../../release/bytes.js';
import type { Release } from '../../release/load-release.js';
import type { ShownFile } from '../../release/shown-file.js';
import { ReleaseHead } from './release-head.js';

/** One file as it was published, line by line: `#L10` is a line, as elsewhere. */
export function FilePage({ release, file }: { release: Release; file: ShownFile }) {
  const { namespace, name, version } = release;
  const v = version.version;
  return (
    <>
      <ReleaseHead release={release} here="files" />
      <h2 class="file-name">
        <a href={pages.files(namespace, name, v)}>Files</a>
        <span class="slash">/</span>
        <code>
          <Foreign text={file.path} />
        </code>
      </h2>
      <p class="facts">
        <span>{formatBytes(file.sizeBytes)}</span>
        {file.executable && <span>executable</span>}
        <span>
          <Digest value={`sha256:${file.sha256}`} isShort />
        </span>
        <a href={routes.file(namespace, name, v, file.path)}>Download</a>
      </p>
      <Contents file={file} />
    </>
  );
}

function Contents({ file }: { file: ShownFile }) {
  if (file.lines === undefined) return <p>{WHY[file.why]}</p>;
  const isCut = file.lineCount > file.lines.length;
  return (
    <>
      <div class="table source" role="region" aria-label={`Lines of ${visible(file.path)}`} tabIndex={0}>
        <table>
          <tbody>
            {file.lines.map((line, at) => (
              <tr key={at} id={`L${at + 1}`}>
                <td class="number">
                  <a href={`#L${at + 1}`} aria-label={`Line ${at + 1}`}>
                    {at + 1}
                  </a>
                </td>
                <td class="line">{line}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isCut && (
        <p>
          {(file.lineCount - file.lines.length).toLocaleString('en')} more lines are not shown. Download the
          file to read them.
        </p>
      )}
    </>
  );
}

const WHY = {
  binary: 'It is no text, and is not shown. It can be downloaded.',
  too_large: 'It is too large to be shown. It can be downloaded.',
} as const;
