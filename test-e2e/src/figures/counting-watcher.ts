import { connect, CompactedError } from '@aegis/client';

/** A process that watches `prefix` of one endpoint, and says which of the numbers that values begin with it has seen last. */
const [endpoint, prefix] = process.argv.slice(2);
const client = connect({ endpoints: [endpoint!] });
let next = 0;
try {
  for await (const { events } of client.kv.watch({ prefix: prefix! })) {
    for (const { kv } of events) {
      const number = kv.value.readInt32BE(0);
      if (next === 0) process.stdout.write('watching\n');
      else if (number !== next) process.stdout.write(`gap: ${number} after ${next - 1}\n`);
      next = number + 1;
    }
    process.stdout.write(`seen ${next - 1}\n`);
  }
} catch (error) {
  if (!(error instanceof CompactedError)) throw error;
  process.stdout.write(`compacted ${error.compactedRevision}\n`);
}
client.abandon();
