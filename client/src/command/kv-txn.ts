import type { Command } from 'commander';
import { globalFlags, withClient } from './context.js';
import { answerJson, answerText, encodingOf, withEncoding, type EncodingFlags } from './kv-print.js';
import { print } from './print.js';
import { standardInput } from './standard-input.js';
import { parseTxn } from './txn-input.js';

export function addTxn(kv: Command): void {
  withEncoding(kv.command('txn'))
    .description('a transaction, read from the standard input: all or nothing, in one revision')
    .addHelpText(
      'after',
      `
The input has three parts with an empty line between them; a part may be empty:
  comparisons             mod("key") = "7"
                          of: create, mod, version, value, lease; with: =, !=, <, >
  done if all hold        put <key> <value> [--lease ID] [--prev-kv] [--ignore-value] [--ignore-lease]
  done if not             get <key> [end] [--prefix] [--from-key] [--rev N] [--limit N] [--keys-only] [--count-only]
                          del <key> [end] [--prefix] [--from-key] [--prev-kv]
Words with spaces are quoted: "…" with \\n, \\t, \\", \\\\ and \\x00 to \\xff for bytes, or '…' as it is. Lines that begin with # are
left out. Prints SUCCESS or FAILURE and what the requests answered; both are exit status 0.

Examples:
  aegis kv txn <<'EOF'
  mod("config/a") = "7"

  put config/a 2

  get config/a
  EOF`,
    )
    .action(async (options: EncodingFlags, command: Command) => {
      const flags = globalFlags(command);
      const encoding = encodingOf(options);
      const { compares, success, failure } = parseTxn((await standardInput('TRANSACTION')).toString('utf8'));
      await withClient(flags, async (client) => {
        const txn = client.kv.txn().if(...compares);
        const { revision, succeeded, responses } = await txn
          .do(...success)
          .else(...failure)
          .commit();
        const text = [
          succeeded ? 'SUCCESS' : 'FAILURE',
          ...responses.map((answer) => answerText(answer, { encoding })),
        ];
        const json = responses.map((answer) => answerJson(answer, encoding));
        print(flags, { revision, succeeded, responses: json }, text.join('\n\n'));
      });
    });
}
