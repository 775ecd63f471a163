import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../read/repository.js';
import { printing, wayOf } from './tools.js';

const SOURCE = join(ROOT, 'docs/paper');
const OUT = join(SOURCE, 'dist');
const EXIT = { failed: 1, missing: 2 } as const;

/** `make paper`: HTML by pandoc, and a PDF of it by weasyprint or chromium. */
function main(): number {
  const way = wayOf(process.env['PATH'] ?? '');
  if ('missing' in way) {
    console.error(way.missing);
    return EXIT.missing;
  }
  mkdirSync(OUT, { recursive: true });
  const html = join(OUT, 'aegis.html');
  const pdf = join(OUT, 'aegis.pdf');
  // The page's first heading is its title; the others carry their numbers.
  const style = ['--css', 'paper.css', '--self-contained', '--toc', '--shift-heading-level-by=-1'];
  if (!ran(way.pandoc, ['paper.md', '--from', 'gfm', ...style, '--output', html])) return EXIT.failed;
  console.log(html);
  if (way.pdf === undefined) {
    console.error(
      'No PDF: neither weasyprint nor chromium is on the PATH (Debian: apt-get install weasyprint).',
    );
    return EXIT.missing;
  }
  if (!ran(way.pdf.program, printing(way.pdf.tool, html, pdf))) return EXIT.failed;
  console.log(pdf);
  return 0;
}

/** What it says is shown only if it fails: a browser without a desktop complains much. */
function ran(program: string, args: readonly string[]): boolean {
  const { status, error, stderr } = spawnSync(program, args, { cwd: SOURCE, encoding: 'utf8' });
  if (error !== undefined) console.error(`${program}: ${error.message}`);
  else if (status !== 0) console.error(`${program} ended with status ${status}:\n${stderr}`);
  return status === 0;
}

process.exitCode = main();
