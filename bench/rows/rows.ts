import { accept500 } from './accept-500.js';
import { acceptGraphql } from './accept-graphql.js';
import { acceptHttp } from './accept-http.js';
import { dispatch } from './dispatch.js';
import { dispatchGrouped } from './dispatch-grouped.js';
import { explain } from './explain.js';
import { memory } from './memory.js';
import { queries } from './queries.js';
import { receipts } from './receipts.js';
import { release } from './release.js';
import type { Row } from './row.js';
import { start } from './start.js';

/** In the order of the table. */
export const ROWS: readonly Row[] = [
  acceptHttp,
  acceptGraphql,
  accept500,
  dispatch,
  dispatchGrouped,
  receipts,
  queries,
  explain,
  release,
  memory,
  start,
];
