import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what is made once lies, outside of the tree: `${XDG_CACHE_HOME:-~/.cache}/aegis/<name>`. */
export function cacheFolder(name: string): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'aegis', name);
}
