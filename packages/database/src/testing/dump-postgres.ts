/** Types, orders, defaults and nulls of every column, in the order they were made. */
const COLUMNS = `
  select c.relname as table, c.oid::bigint as at, a.attnum::integer as number,
    format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attcollation <> t.typcollation then ' collate ' || quote_ident(l.collname) else '' end,
      case when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end,
      case when a.attnotnull then ' not null' else '' end) as text
  from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_collation l on l.oid = a.attcollation
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname not like 'kysely%'`;

/** Keys, references and checks by name. From PostgreSQL 18 on the catalogue has "not null" too, which columns tell. */
const CONSTRAINTS = `
  select conrelid::regclass::text as table,
    format('constraint %I %s', conname, pg_get_constraintdef(oid)) as text
  from pg_constraint
  where connamespace = current_schema()::regnamespace and conrelid <> 0 and contype in ('p', 'u', 'f', 'c', 'x')
    and conrelid::regclass::text not like 'kysely%'
  order by array_position(array['p', 'u', 'f', 'c', 'x'], contype::text), conname collate "C"`;

/** Those that are not of a constraint. */
const INDEXES = `
  select pg_get_indexdef(i.indexrelid) || ';' as text
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where c.relnamespace = current_schema()::regnamespace
    and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)
  order by c.relname collate "C"`;

type Query = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** The schema as SQL, from the catalogue: `pg_dump` writes it differently in each of its versions. */
export async function dumpPostgres(query: Query): Promise<string> {
  const columns = await query(`${COLUMNS} order by at, number`);
  const constraints = await query(CONSTRAINTS);
  const tables = [...new Set(columns.map((column) => String(column["table"])))];
  const statements = tables.map((table) => {
    const parts = [...columns, ...constraints].filter((part) => part["table"] === table);
    return `create table ${table} (\n${parts.map((part) => `  ${String(part["text"])}`).join(",\n")}\n);\n`;
  });
  const indexes = (await query(INDEXES)).map((index) => `${String(index["text"])}\n`);
  return [...statements, ...indexes].join("\n");
}
