import { acceptHttp } from './accept-http.js';
import type { Row } from './row.js';

/** In the order of the table. */
export const ROWS: readonly Row[] = [acceptHttp];
