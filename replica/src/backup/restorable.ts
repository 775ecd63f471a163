import type { BackupHeader } from '@aegis/proto/v1/backup';

import { STATE_VERSION } from '../state/version.js';
import { BackupError } from './errors.js';

/** Throws BackupError if this software cannot restore what the header says. */
export function checkRestorable({ stateVersion }: BackupHeader): void {
  if (stateVersion <= STATE_VERSION) return;
  throw new BackupError(
    'NEWER_STATE',
    `its state is of version ${stateVersion}, and this version of AEGIS knows up to ${STATE_VERSION}`,
  );
}
