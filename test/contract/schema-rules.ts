/** A schema file of the contract: a flat record. */
export interface SchemaFile {
  type: string
  name: string
  namespace?: string
  fields: { name: string; type: FieldType; default?: unknown }[]
}
type FieldType = string | readonly unknown[] | { type: string; name?: string; symbols?: string[]; default?: string }

export function readSchema(text: string): SchemaFile {
  return JSON.parse(text) as SchemaFile
}

/** What a schema breaks of DESIGN.md's section 2; nothing if it keeps all. */
export function schemaRuleFaults(schema: SchemaFile): string[] {
  return [
    ...(schema.namespace === 'discovery.v1' ? [] : [`namespace is ${schema.namespace ?? 'missing'}`]),
    ...(schema.type === 'record' ? [] : [`${schema.name} is a ${schema.type}`]),
    ...schema.fields.flatMap(({ name, type }) => typeFaults(name, type)),
    ...schema.fields.flatMap(field => 'default' in field ? [] : [`${field.name} has no default`]),
  ]
}

/** The enums of a schema, by their simple names. */
export function symbolsIn(schema: SchemaFile): Record<string, string[]> {
  return Object.fromEntries(schema.fields.flatMap(({ type }) =>
    isNested(type) && type.symbols !== undefined ? [[type.name?.split('.').at(-1) ?? '', type.symbols]] : []))
}

function typeFaults(field: string, type: FieldType): string[] {
  if (Array.isArray(type)) return [`${field} is a union`]
  if (!isNested(type)) return []
  if (type.type === 'array') return [`${field} is an array`]
  if (type.type === 'map') return [`${field} is a map`]
  if (type.type === 'record') return [`${field} is a record`]
  return type.type === 'enum' && type.default === undefined ? [`${type.name ?? field} has no default symbol`] : []
}

function isNested(type: FieldType): type is Exclude<FieldType, string | readonly unknown[]> {
  return typeof type === 'object' && !Array.isArray(type)
}
