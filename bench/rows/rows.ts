import { accept500 } from './accept-500.js';
import { acceptGraphql } from './accept-graphql.js';
import { acceptHttp } from './accept-http.js';
import { dispatch } from './dispatch.js';
import { dispatchGrouped } from './dispatch-grouped.js';
import { receipts } from './receipts.js';
import type { Row } from './row.js';

/** In the order of the table. */
export const ROWS: readonly Row[] = [acceptHttp, acceptGraphql, accept500, dispatch, dispatchGrouped, receipts];
