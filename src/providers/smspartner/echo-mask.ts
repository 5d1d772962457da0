const SHORTEST_SECRET = 4;

/**
 * Hides what a sentence repeats of some texts. The texts are cut into all their pieces of one length beforehand, so that
 * 500 of them cost a sentence no more than one does; a text shorter than that is hidden where it stands as a whole.
 */
export class EchoMask {
  /** The pieces by their length. */
  private readonly pieces = new Map<number, Set<string>>();

  /** `shortestRun`: so many characters in a row are an echo. */
  constructor(secrets: readonly string[], shortestRun: number) {
    for (const secret of new Set(secrets)) this.cut(flatten(secret), shortestRun);
  }

  /** Takes and gives a flat sentence; each echo has become "…". */
  hide(sentence: string): string {
    const hidden = Array.from({ length: sentence.length }, () => false);
    for (const [length, pieces] of this.pieces) {
      for (let at = 0; at + length <= sentence.length; at += 1) {
        if (pieces.has(sentence.slice(at, at + length))) hidden.fill(true, at, at + length);
      }
    }
    return hidden
      .map((isHidden, at) => (isHidden ? (hidden[at - 1] === true ? '' : '…') : sentence.charAt(at)))
      .join('');
  }

  private cut(secret: string, shortestRun: number): void {
    const length = Math.min(shortestRun, secret.length);
    if (length < SHORTEST_SECRET) return;
    const pieces = this.pieces.get(length) ?? new Set();
    for (let at = 0; at + length <= secret.length; at += 1) pieces.add(secret.slice(at, at + length));
    this.pieces.set(length, pieces);
  }
}

/** On one line, without control characters, single spaces. */
export function flatten(text: string): string {
  return text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
}
