import type { Command } from 'commander';
import { globalFlags, withClient } from './context.js';
import { answerJson, answerText, encodingOf, withEncoding, type EncodingFlags } from './kv-print.js';
import { print } from './print.js';
import { standardInput } from './standard-input.js';
import { parseTxn } from './txn-input.js';

export function addTxn(kv: Command): void {
  withEncoding(kv.command('txn'))
    .description('a transaction, read from the standard input: all or nothing, in one revision')
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
