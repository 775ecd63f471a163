import type { BackupSummary } from '@aegis/replica/backup';

/** What a backup holds, as one JSON document. */
export function backupFacts(file: string, { header, digest, contentHash, chunks, bytes }: BackupSummary) {
  const { takenAtMs, ...facts } = header;
  return {
    file,
    bytes,
    chunks,
    digest,
    contentHash: contentHash.toString('hex'),
    ...facts,
    takenAt: new Date(takenAtMs).toISOString(),
  };
}

/** The same for people. */
export function backupText({ header, digest, bytes }: BackupSummary): string {
  const { clusterId, index, term, revision, newestToken, profile, voters, memberId, takenAtMs } = header;
  return [
    `cluster ${clusterId}, profile ${profile}, ${voters} voters, seen by member ${memberId}`,
    `at index ${index}, term ${term}: revision ${revision}, newest fencing token ${newestToken}`,
    `taken ${new Date(takenAtMs).toISOString()}, ${bytes} bytes, digest ${digest}`,
  ].join('\n');
}
