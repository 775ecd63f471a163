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
  const style = ['--css', 'paper.css', '--self-contained', '--standalone', '--toc', '--number-sections'];
  if (
    !ran(way.pandoc, ['paper.md', '--from', 'gfm', '--metadata', 'title=AEGIS', ...style, '--output', html])
  )
    return EXIT.failed;
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

function ran(program: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(program, args, { cwd: SOURCE, stdio: 'inherit' });
  if (error !== undefined) console.error(`${program}: ${error.message}`);
  return status === 0;
}

process.exitCode = main();
