import { ChatOpenAICompletions } from '@langchain/openai';

/**
 * Chat completions as they come. By itself the library reads answers that have to follow a schema, and throws away those that were cut off or cannot
 * be read; here they are looked at, and mended.
 */
export class WholeAnswers extends ChatOpenAICompletions {
  override async completionWithRetry(request: never, options?: never): Promise<never> {
    // Makes the client, too.
    const clientOptions = this._getClientOptions(options);
    return (await this.client.chat.completions.create(request, clientOptions)) as never;
  }
}
