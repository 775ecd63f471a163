import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** How the paper is built here, or what is missing for it. */
export type Way =
  | { readonly missing: string }
  | {
      readonly pandoc: string;
      readonly pdf: { readonly tool: 'weasyprint' | 'chromium'; readonly program: string } | undefined;
    };

/** Looks for the programs on the PATH. Without a printer there is HTML and no PDF. */
export function wayOf(path: string): Way {
  const pandoc = find(path, 'pandoc');
  if (pandoc === undefined)
    return { missing: 'make paper needs pandoc on the PATH (Debian: apt-get install pandoc weasyprint).' };
  for (const tool of ['weasyprint', 'chromium'] as const) {
    const program = find(path, tool);
    if (program !== undefined) return { pandoc, pdf: { tool, program } };
  }
  return { pandoc, pdf: undefined };
}

/** The arguments that make a PDF out of the HTML. Chromium goes without its sandbox, because root has none: the page is ours, and has no script. */
export function printing(tool: 'weasyprint' | 'chromium', html: string, pdf: string): string[] {
  if (tool === 'weasyprint') return [html, pdf];
  return ['--headless', '--no-sandbox', '--no-pdf-header-footer', `--print-to-pdf=${pdf}`, `file://${html}`];
}

function find(path: string, program: string): string | undefined {
  return path
    .split(':')
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
