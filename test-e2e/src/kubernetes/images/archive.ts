import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What goes into an image, and how it runs. */
export interface Image {
  /** With a tag: `aegis.test/aegis:1`. */
  readonly name: string;
  /** Its files, by the absolute path that each has in it, from where it lies here: links are followed, folders taken whole. */
  readonly files: Readonly<Record<string, string>>;
  /** Which of those are left out: patterns of tar. */
  readonly without?: readonly string[];
  /** Files whose text is said here. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Symbolic links, by the path of each, to what they point at. */
  readonly links?: Readonly<Record<string, string>>;
  /** Folders that are empty. */
  readonly folders?: readonly string[];
  readonly entrypoint: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Nobody in particular, and not root: by number, so that the kubelet can tell. */
export const IMAGE_USER = '65532:65532';

/**
 * Writes an image of one layer as a docker-archive, which containerd imports: a config, a layer and a manifest in one tar.
 * @returns the path, which is `file`
 */
export async function writeArchive(image: Image, file: string): Promise<string> {
  mkdirSync(dirname(file), { recursive: true });
  const folder = mkdtempSync(`${file}.`);
  try {
    writeLayer(image, folder);
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, 'layer.tar')), hash);
    const config = JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: {
        User: IMAGE_USER,
        Entrypoint: image.entrypoint,
        Env: Object.entries(image.env ?? {}).map(([name, value]) => `${name}=${value}`),
        WorkingDir: '/',
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] },
    });
    const name = `${createHash('sha256').update(config).digest('hex')}.json`;
    writeFileSync(join(folder, name), config);
    const manifest = [{ Config: name, RepoTags: [image.name], Layers: ['layer.tar'] }];
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const whole = join(folder, 'whole.tar');
    execFileSync('tar', ['-C', folder, '-cf', whole, 'manifest.json', name, 'layer.tar']);
    renameSync(whole, file);
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeLayer(
  { files, texts = {}, links = {}, folders = [], without = [] }: Image,
  folder: string,
): void {
  const root = join(folder, 'root');
  for (const path of folders) mkdirSync(join(root, path), { recursive: true });
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const [path, here] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    execFileSync('cp', ['--recursive', '--dereference', here, join(root, path)]);
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  execFileSync('tar', [
    // In order and without times, so that the same files give the same image; root's, who is not who runs.
    ...['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=a+rX'],
    ...without.map((each) => `--exclude=${each}`),
    ...['-C', root, '-cf', join(folder, 'layer.tar'), '.'],
  ]);
  rmSync(root, { recursive: true });
}
