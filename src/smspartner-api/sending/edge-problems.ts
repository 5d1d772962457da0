import type { Problem } from '../../messaging/index.js';

/** What the translation itself can find wrong, before messaging judges the rest. */
export type EdgeCode =
  | 'INVALID_VALUE'
  | 'INVALID_FLAG'
  | 'INVALID_GAMME'
  | 'NUMBER_REQUIRED'
  | 'TOO_MANY_RECIPIENTS'
  | 'TOO_MANY_MESSAGES'
  | 'DATE_INVALID'
  | 'DATE_PAST'
  | 'HOUR_REQUIRED'
  | 'HOUR_INVALID'
  | 'MINUTE_REQUIRED'
  | 'MINUTE_INVALID';

/** The sentence comes from the catalogue, like every other; `message` is for whoever reads a log. */
export const edgeProblem = (path: readonly string[], code: EdgeCode): Problem => ({
  path,
  code,
  message: `${path.join('.')}: ${code}`,
});

const keyOf = ({ path }: Problem): string => path.join('/');

/**
 * A value that could not be read was handed on as "not given", so messaging finds it missing as well: of one place, only
 * what was wrong with the value given is told.
 */
export function withoutEchoes(problems: readonly Problem[], ofTheEdge: readonly Problem[]): readonly Problem[] {
  const codes = new Map(ofTheEdge.map(problem => [keyOf(problem), problem.code]));
  return problems.filter(problem => (codes.get(keyOf(problem)) ?? problem.code) === problem.code);
}
