import { Type } from '@nestjs/common';
import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { InvalidArgument } from '../refusals.js';
import { isUuid } from '../tenant-id.js';

export const MAX_PAGE = 500;
export const DEFAULT_PAGE = 50;

/** A page of a Relay connection: the rows, and whether there are more. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly hasNextPage: boolean;
}

/** Which page: `limit` rows after the row with the id `after`. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | null;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: DEFAULT_PAGE, nullable: true })
  first: number | null;

  @Field(() => String, { nullable: true })
  after?: string | null;
}

@ObjectType({ description: 'Relay cursor connections: newest first, cursors stay valid while rows are added.' })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage: boolean;

  @Field(() => String, { nullable: true })
  endCursor: string | null;
}

export function readPage(args: PageArgs): PageRequest {
  const limit = args.first ?? DEFAULT_PAGE;
  if (limit < 1 || limit > MAX_PAGE) throw new InvalidArgument('first', `must be from 1 to ${MAX_PAGE}`);
  return { limit, after: args.after ? cursorToId(args.after) : null };
}

const toCursor = (id: string): string => Buffer.from(id).toString('base64url');

function cursorToId(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!isUuid(id)) throw new InvalidArgument('after', 'must be an endCursor or a cursor of an earlier page');
  return id;
}

/** Rows come with one more than asked for, which tells that there is a next page. */
export const toPage = <T>(rows: readonly T[], limit: number): Page<T> => ({
  rows: rows.slice(0, limit),
  hasNextPage: rows.length > limit,
});

export interface ConnectionOf<T> {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly nodes: T[];
  readonly pageInfo: PageInfo;
}

/** Fills a connection type from a page; `toNode` maps a row, `idOf` names the id its cursor carries. */
export function toConnection<R, T>(page: Page<R>, idOf: (row: R) => string, toNode: (row: R) => T): ConnectionOf<T> {
  const edges = page.rows.map(row => ({ cursor: toCursor(idOf(row)), node: toNode(row) }));
  return {
    edges,
    nodes: edges.map(edge => edge.node),
    pageInfo: { hasNextPage: page.hasNextPage, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

/** The Relay types of a node: call once per node type and export a subclass. */
export function connectionTypes<T>(name: string, node: Type<T>): Type<ConnectionOf<T>> {
  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String)
    cursor: string;

    @Field(() => node)
    node: T;
  }

  @ObjectType(`${name}Connection`)
  class Connection implements ConnectionOf<T> {
    @Field(() => [Edge])
    edges: Edge[];

    @Field(() => [node])
    nodes: T[];

    @Field(() => PageInfo)
    pageInfo: PageInfo;
  }
  return Connection;
}
