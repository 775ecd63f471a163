const BLOCK = 512;
const NAME_BYTES_MAX = 100;

/** A file of an archive. */
export interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A tar archive (POSIX.1-1988, ustar) of plain files. @param seconds when they were made, since 1970 */
export function tar(files: readonly TarFile[], seconds: number): Buffer {
  const blocks = files.flatMap(({ path, bytes }) => [
    headerOf(path, bytes.length, seconds),
    bytes,
    Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK),
  ]);
  // Two empty blocks end it.
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function headerOf(path: string, size: number, seconds: number): Buffer {
  if (Buffer.byteLength(path) > NAME_BYTES_MAX) throw new RangeError(`${path}: the name is too long for tar`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(value.toString(8).padStart(digits, '0'), at, 'ascii');
  };
  header.write(path, 0);
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(seconds, 136, 11);
  header.write('        0', 148, 'ascii');
  header.write('ustar\x0000', 257, 'ascii');
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  header.write('\x00 ', 154, 'ascii');
  return header;
}
