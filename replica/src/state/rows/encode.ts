import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** One buffer for all messages: a new one each costs more than the encoding. `finish` copies out and resets. */
const writer = new BinaryWriter();

interface Encoder<Message> {
  encode(message: Message, writer: BinaryWriter): BinaryWriter;
}

export function encoded<Message>(type: Encoder<Message>, message: Message): Uint8Array {
  return type.encode(message, writer).finish();
}
