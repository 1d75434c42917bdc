import type { Explanation } from './explanation.js';

/** What is wrong with bytes: archives, paths, documents, and what they should hash to. */
export const BYTES: Readonly<Record<string, Explanation>> = {
  'archive.duplicate': [
    'Two entries of the archive have the same path',
    'Which of them counts would depend on the program that unpacks it',
    'Report it to whoever published it: `sheaf pack` never writes such a bundle',
  ],
  'archive.file_too_large': [
    'A file is larger than a bundle may hold',
    'Each file has a cap, so that unpacking is bounded',
    'Leave the file out with `include`, or make it smaller',
  ],
  'archive.header': [
    'An entry of the archive is not in the one form that is allowed',
    'Every bundle has exactly one encoding, so that its digest means something',
    'Fetch it again; if it stays, report it to the publisher',
  ],
  'archive.order': [
    'The entries of the archive are not in the order of their paths',
    'Every bundle has exactly one encoding',
    'Fetch it again; if it stays, report it to the publisher',
  ],
  'archive.padding': [
    'Bytes between entries are not zero',
    'Nothing may hide beside the files',
    'Fetch it again; if it stays, report it to the publisher',
  ],
  'archive.too_large': [
    'The unpacked files are larger than a bundle may be',
    'The size is capped before anything is unpacked',
    'Leave out what a run does not need',
  ],
  'archive.too_many_files': [
    'There are more files than a bundle may have',
    'The number is capped',
    'Leave out what a run does not need',
  ],
  'archive.trailer': [
    'The archive does not end as it must',
    'It was cut, or something was added behind it',
    'Fetch it again; if it stays, report it to the publisher',
  ],
  'archive.truncated': ['The archive ends too early', 'It was cut on the way', 'Fetch it again'],
  'archive.type': [
    'An entry is neither a plain file nor a folder',
    'Links and devices could lead out of the folder',
    'Replace links by the files they point at',
  ],
  'blob.digest': [
    'The packed bytes are not those that the log names',
    'They were changed on the way, in the cache or in the registry',
    'Run the command again: a bad copy in the cache is dropped; if it stays, do not use the registry before its operator explains it',
  ],
  'blob.size': [
    'The packed bytes are more or fewer than the log says',
    'They were cut, or something else was sent',
    'Run the command again; if it stays, tell the operator of the registry',
  ],
  'bundle.selection': [
    'What `include` and `exclude` select cannot be a bundle',
    'A pattern is malformed, or nothing is left',
    'Correct the patterns in the definition',
  ],
  'definition.ambiguous': [
    'There are two definitions in one folder',
    'A bundle has one of workflow.toml and workflow.yaml',
    'Remove one of them',
  ],
  'definition.invalid': [
    'The definition has errors',
    'Each is listed with its line',
    '`sheaf validate` shows them all',
  ],
  'definition.mismatch': [
    'The definition in the bundle names another workflow or version than the log',
    'The bundle is not what was published under this name',
    'Do not use it; tell the operator of the registry',
  ],
  'definition.missing': [
    'There is no definition',
    'A workflow has a workflow.toml or workflow.yaml in its folder',
    'Name its folder, or start one: `sheaf init`',
  ],
  'definition.too_large': [
    'The definition is larger than the limit',
    'It is read whole, so its size is capped',
    'Move scripts into files of the bundle',
  ],
  'digest.invalid': [
    'A digest is not `sha256:` and 64 lower-case hexadecimal digits',
    'It was cut or mistyped',
    'Copy the whole digest',
  ],
  'gzip.corrupt': ['The packed bundle cannot be unpacked', 'It was damaged', 'Fetch it again'],
  'gzip.header': [
    'The packed bundle does not begin as gzip does',
    'Something else was sent, such as a page of a proxy',
    'Fetch it again without the proxy',
  ],
  'gzip.size': [
    'The packed bundle unpacks to more than the limit',
    'Unpacking is bounded',
    'Report it to the publisher',
  ],
  'json.invalid': [
    'A signed document is not canonical JSON',
    'Signed documents have exactly one form',
    'Fetch it again; if it stays, report it',
  ],
  'path.absolute': [
    'A path begins with a slash',
    'Files of a bundle lie below its folder',
    'Name it relative to the folder',
  ],
  'path.character': [
    'A path has a character that some systems cannot store',
    'A bundle unpacks everywhere, or nowhere',
    'Rename the file',
  ],
  'path.collision': [
    'Two paths differ only by case or form',
    'Some systems would write one over the other',
    'Rename one of them',
  ],
  'path.dash': [
    'A part of a path begins with a dash',
    'Programs would take it for a flag',
    'Rename the file',
  ],
  'path.empty': ['A path is empty', 'Every file has a name', 'Report it to the publisher'],
  'path.encoding': ['A path is not UTF-8', 'A bundle unpacks everywhere, or nowhere', 'Rename the file'],
  'path.not_nfc': [
    "A path is not in Unicode's form NFC",
    'Two spellings of one name would be two files',
    'Rename the file',
  ],
  'path.reserved': [
    'A path is a name that some system reserves',
    'It could not be written there',
    'Rename the file',
  ],
  'path.segment': ['A path has a part such as `..`', 'It would lead out of the folder', 'Rename the file'],
  'path.short_name': [
    'A path looks like a short name of Windows',
    'It could mean another file there',
    'Rename the file',
  ],
  'path.space': [
    'A part of a path begins or ends with a space or a dot',
    'Some systems drop it',
    'Rename the file',
  ],
  'path.too_deep': ['A path has too many folders', 'The depth is capped', 'Move the file up'],
  'path.too_long': ['A path is too long', 'Some systems could not store it', 'Shorten it'],
  'tar.digest': [
    'The unpacked archive does not have the digest that was signed',
    'The bytes are not those that the author signed',
    'Do not use it; run the command again, and tell the operator of the registry if it stays',
  ],
  'unpack.exists': [
    'The folder to unpack to is there already',
    'Nothing is written over',
    'Name a folder that does not exist',
  ],
  'unpack.failed': [
    'The files could not be written',
    'The disk said no',
    'Make room, or name another folder',
  ],
};
