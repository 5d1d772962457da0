import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

export interface MinimalOperation {
  /** "Query.messages" */
  readonly name: string;
  /** `tenantId`: whom an administrator means, where the field lets him say. */
  readonly document: (tenantId?: string) => string;
}

export const SCALARS: Readonly<Record<string, string>> = {
  ID: '"0198a1b2-0000-7000-8000-000000000001"',
  String: '"x"',
  Int: '1',
  SafeInt: '1',
  Boolean: 'true',
  DateTime: '"2026-01-06T10:00:00Z"',
  PhoneNumber: '"+33612345678"',
  Decimal: '"1.0000"',
};

/** One operation for every field of Query and Mutation, with just the arguments that it insists on. */
export function minimalOperations(schema: GraphQLSchema): readonly MinimalOperation[] {
  return [
    { type: schema.getQueryType(), keyword: 'query' },
    { type: schema.getMutationType(), keyword: 'mutation' },
  ].flatMap(({ type, keyword }) =>
    Object.values(type?.getFields() ?? {}).map((field): MinimalOperation => ({
      name: `${type?.name}.${field.name}`,
      document: tenantId => `${keyword} { ${callOf(field, tenantId)} }`,
    })),
  );
}

function callOf(field: GraphQLField<unknown, unknown>, tenantId: string | undefined): string {
  const given = field.args.flatMap(argument => {
    if (argument.name === 'tenantId' && tenantId !== undefined) return [`tenantId: "${tenantId}"`];
    return isRequiredArgument(argument) ? [`${argument.name}: ${literalOf(argument.type)}`] : [];
  });
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  return `${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`}${selection}`;
}

function literalOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(type.ofType);
  if (isListType(type)) return `[${literalOf(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(isRequiredInputField);
    return `{ ${fields.map(field => `${field.name}: ${literalOf(field.type)}`).join(', ')} }`;
  }
  const literal = SCALARS[type.name];
  if (literal === undefined) throw new Error(`no example of the scalar ${type.name}: add one here`);
  return literal;
}
