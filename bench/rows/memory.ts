import type { Bench } from '../bench.js';
import { atMost, plain, type Result } from '../result.js';
import type { Row } from './row.js';

/** The most that any server had at the end of its row. */
export const memory: Row = {
  name: 'memory',
  takes: { full: 1, quick: 1 },
  run: async ({ memory: byRow }: Bench): Promise<readonly Result[]> => {
    const [largest] = [...byRow].toSorted(([, a], [, b]) => b - a);
    if (largest === undefined) return [];
    const [row, megabytes] = largest;
    const note = `at the end of ${row}; ${[...byRow].map(([name, size]) => `${name} ${Math.round(size)}`).join(', ')}`;
    return [plain('memory', { what: 'RSS', unit: 'MB', rounds: [megabytes] }, atMost(300, ' MB'), [note])];
  },
};
