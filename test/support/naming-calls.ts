import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
} from 'graphql';
import { SCALARS } from './minimal-operations.js';

/** A call that names something: by an id, a number, a phone number, a cursor, a tag, a key. */
export interface NamingCall {
  readonly operation: 'query' | 'mutation' | 'subscription';
  /** "Query.message" */
  readonly field: string;
  /** What of it names: "Query.message(id:)", or "SendSmsInput.tag" where it stands in an input. */
  readonly by: string;
  readonly type: string;
  /** With this literal as the name, all else being the least that the field insists on. Asks for all that it may answer. */
  readonly document: (literal: string) => string;
}

const NAMING_TYPES = new Set(['ID', 'SafeInt', 'PhoneNumber']);
const NAMING_STRINGS = new Set(['after', 'before', 'tag', 'idempotencyKey', 'token']);
const DEEP = 3;

/** Every way in which any field of Query, Mutation and Subscription lets a caller name something. */
export function namingCalls(schema: GraphQLSchema): readonly NamingCall[] {
  const roots = [
    { operation: 'query', type: schema.getQueryType() },
    { operation: 'mutation', type: schema.getMutationType() },
    { operation: 'subscription', type: schema.getSubscriptionType() },
  ] as const;
  return roots.flatMap(({ operation, type }) =>
    Object.values(type?.getFields() ?? {}).flatMap(field => callsOf(operation, `${type?.name}.${field.name}`, field)),
  );
}

interface Place {
  readonly by: string;
  readonly path: readonly string[];
  readonly type: string;
}

function callsOf(
  operation: NamingCall['operation'],
  name: string,
  field: GraphQLField<unknown, unknown>,
): readonly NamingCall[] {
  const places = field.args.flatMap(argument =>
    placesIn(argument.type, { name: argument.name, by: `${name}(${argument.name}:)`, path: [argument.name] }, []),
  );
  const shown = selectionOf(getNamedType(field.type), DEEP);
  return places.map(({ by, path, type }) => ({
    operation,
    field: name,
    by,
    type,
    document: literal => {
      const given = field.args.flatMap(argument => {
        const named = argument.name === path[0];
        if (!named && !isRequiredArgument(argument)) return [];
        return [`${argument.name}: ${literalOf(argument.type, named ? { path: path.slice(1), literal } : null)}`];
      });
      return `${operation} { ${field.name}(${given.join(', ')})${shown} }`;
    },
  }));
}

function placesIn(
  type: GraphQLInputType,
  at: { readonly name: string; readonly by: string; readonly path: readonly string[] },
  within: readonly string[],
): readonly Place[] {
  const named = getNamedType(type);
  if (isInputObjectType(named)) {
    if (within.includes(named.name)) return [];
    return Object.values(named.getFields()).flatMap(field =>
      placesIn(field.type, { name: field.name, by: `${named.name}.${field.name}`, path: [...at.path, field.name] }, [
        ...within,
        named.name,
      ]),
    );
  }
  const naming = NAMING_TYPES.has(named.name) || (named.name === 'String' && NAMING_STRINGS.has(at.name));
  return naming ? [{ by: at.by, path: at.path, type: named.name }] : [];
}

interface Named {
  readonly path: readonly string[];
  readonly literal: string;
}

function literalOf(type: GraphQLInputType, named: Named | null): string {
  if (isNonNullType(type)) return literalOf(type.ofType, named);
  if (isListType(type)) return `[${literalOf(type.ofType, named)}]`;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      field => isRequiredInputField(field) || field.name === named?.path[0],
    );
    const inner = (name: string): Named | null =>
      named !== null && name === named.path[0] ? { ...named, path: named.path.slice(1) } : null;
    return `{ ${fields.map(field => `${field.name}: ${literalOf(field.type, inner(field.name))}`).join(', ')} }`;
  }
  if (named !== null) return named.literal;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  const literal = SCALARS[type.name];
  if (literal === undefined) throw new Error(`no example of the scalar ${type.name}: add one to minimal-operations`);
  return literal;
}

/** All that can be asked for without arguments, so deep. In a union each member's fields have names of their own. */
function selectionOf(type: GraphQLNamedType, deep: number): string {
  if (isLeafType(type)) return '';
  if (isUnionType(type)) {
    const members = type
      .getTypes()
      .map(member => `... on ${member.name} { ${fieldsOf(member, deep, `${member.name}_`)} }`);
    return ` { __typename ${members.join(' ')} }`;
  }
  return ` { __typename ${fieldsOf(type, deep, '')} }`;
}

function fieldsOf(type: GraphQLNamedType, deep: number, prefix: string): string {
  if (!isObjectType(type)) return '';
  return Object.values(type.getFields())
    .filter(field => !field.args.some(isRequiredArgument))
    .filter(field => deep > 0 || isLeafType(getNamedType(field.type)))
    .map(field => {
      const alias = prefix === '' ? '' : `${prefix}${field.name}: `;
      return `${alias}${field.name}${selectionOf(getNamedType(field.type), deep - 1)}`;
    })
    .join(' ');
}
