import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What the API server would say of a definition. */
export interface DefinitionReport {
  readonly name: string;
  readonly errors: readonly string[];
  readonly rules: readonly {
    readonly path: string;
    readonly rule: string;
    readonly cost: number;
    readonly message: number;
  }[];
  /** In units of CEL: of one rule, and of a definition. */
  readonly ruleLimit: number;
  readonly totalLimit: number;
}

/** What it would say of an object, and store if it had nothing to say. */
export interface Judgement {
  readonly errors: readonly string[];
  readonly stored: Readonly<Record<string, unknown>>;
}

export type Judge = (object: object, old?: object) => Promise<Judgement>;

/** The validation of the Kubernetes API server as a process. */
export async function startJudge(
  program: string,
  files: readonly string[],
): Promise<{ reports: readonly DefinitionReport[]; judge: Judge; end: () => void }> {
  const child = spawn(program, [...files], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the validator ended; what it said stands above');
    return JSON.parse(value) as T;
  };
  const reports: DefinitionReport[] = [];
  for (let i = 0; i < files.length; i++) reports.push(await next());
  const judge: Judge = (object, old) => {
    child.stdin.write(`${JSON.stringify({ object, old })}\n`);
    return next();
  };
  return { reports, judge, end: () => child.stdin.end() };
}
