/**
 * Where the core reports what it does. A level that is switched off is an absent method: then not even the text is
 * built. Nothing that the core decides depends on it.
 */
export interface Logger {
  debug?: ((text: string) => void) | undefined;
  info?: ((text: string) => void) | undefined;
  warning?: ((text: string) => void) | undefined;
  error?: ((text: string) => void) | undefined;
}

export const silentLogger: Logger = {};
