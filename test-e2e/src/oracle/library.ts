import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export interface Reply {
  /** A line a call. */
  outcomes: Buffer;
  /** Why the library panicked, if it did. */
  note: string;
}

const HEADER_BYTES = 8;

/** etcd's library in a process of its own: schedules go in, outcomes come out, in order. */
export class Library {
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;
  private readonly waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  private chunks: Buffer[] = [];
  private received = 0;
  private needed = HEADER_BYTES;

  constructor(program: string) {
    this.process = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.process.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    const end = (error: Error) => {
      for (const { reject } of this.waiting.splice(0)) reject(error);
    };
    this.process.on('error', end);
    this.process.stdin.on('error', end);
    this.process.on('exit', (code, signal) => end(new Error(`the Go program ended: ${signal ?? code}`)));
  }

  run(calls: string): Promise<Reply> {
    const body = Buffer.from(calls, 'latin1');
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin.write(length);
      this.process.stdin.write(body);
    });
  }

  async close(): Promise<void> {
    this.process.stdin.end();
    if (this.process.exitCode === null) await once(this.process, 'exit');
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.received += chunk.length;
    while (this.received >= this.needed) {
      const all = Buffer.concat(this.chunks);
      const outcomesEnd = HEADER_BYTES + all.readUInt32LE(0);
      const end = outcomesEnd + all.readUInt32LE(4);
      this.chunks = [all];
      if (all.length < end) {
        this.needed = end;
        return;
      }
      const note = all.toString('utf8', outcomesEnd, end);
      this.chunks = [all.subarray(end)];
      this.received = all.length - end;
      this.needed = HEADER_BYTES;
      this.waiting.shift()!.resolve({ outcomes: all.subarray(HEADER_BYTES, outcomesEnd), note });
    }
  }
}
