import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  astFromValue,
  print,
} from 'graphql';

/** What a client relies on, one line each, under the name of the thing: "Query.messages" → "(first): Int = 50". */
export type Coordinates = ReadonlyMap<string, ReadonlySet<string>>;

/** A schema taken apart by type and field, so that two can be compared line by line. */
export function coordinatesOf(schema: GraphQLSchema): Coordinates {
  const found = new Map<string, Set<string>>();
  const say = (name: string, ...lines: readonly string[]): void => {
    found.set(name, new Set([...(found.get(name) ?? []), ...lines]));
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    say(type.name, type.constructor.name, ...membersOf(type, schema));
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        say(`${type.name}.${field.name}`, `: ${String(field.type)}`, ...field.args.map(argumentLine));
      }
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) say(`${type.name}.${field.name}`, inputLine(field));
    }
  }
  return found;
}

/** Arguments and input fields that a client must give. */
export function requiredInputs(schema: GraphQLSchema): ReadonlySet<string> {
  const required = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith('__')) {
      for (const field of Object.values(type.getFields())) {
        for (const argument of field.args.filter(isRequiredArgument))
          required.add(`${type.name}.${field.name}(${argument.name})`);
      }
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields()).filter(isRequiredInputField))
        required.add(`${type.name}.${field.name}`);
    }
  }
  return required;
}

function membersOf(type: GraphQLNamedType, schema: GraphQLSchema): string[] {
  if (isEnumType(type)) return type.getValues().map(value => `value ${value.name}`);
  if (isUnionType(type)) return schema.getPossibleTypes(type).map(member => `member ${member.name}`);
  if (isObjectType(type)) return type.getInterfaces().map(parent => `implements ${parent.name}`);
  return [];
}

const argumentLine = (argument: GraphQLArgument): string => `(${argument.name})${inputLine(argument)}`;

function inputLine({ type, defaultValue }: GraphQLArgument | GraphQLInputField): string {
  const literal = defaultValue === undefined ? null : astFromValue(defaultValue, type);
  return `: ${String(type)}${literal === null || literal === undefined ? '' : ` = ${print(literal)}`}`;
}
