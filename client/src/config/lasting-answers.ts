/** More are not kept: the oldest goes. */
const ANSWERS_MAX = 64;

/** Answers that never change, each asked for once: what a commit's full id stands for. */
export class LastingAnswers<T> {
  private readonly kept = new Map<string, T>();

  /** @param keeps whether an answer is worth the memory, and final */
  constructor(private readonly keeps: (answer: T) => boolean) {}

  async of(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.kept.get(question);
    if (known !== undefined) return known;
    const answer = await ask();
    if (!this.keeps(answer)) return answer;
    this.kept.set(question, answer);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= ANSWERS_MAX) break;
      this.kept.delete(oldest);
    }
    return answer;
  }
}
