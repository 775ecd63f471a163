import { readFileSync } from 'node:fs';

const BYTES_MAX = 64 * 1024;

/** The configuration is missing or wrong: the message says what and where. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** What a file of configuration says, unchecked. Throws ConfigError. */
export function readConfigFile(file: string): unknown {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > BYTES_MAX) throw new Error(`more than ${BYTES_MAX} characters`);
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}
