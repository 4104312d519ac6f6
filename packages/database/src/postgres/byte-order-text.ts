import {
  OperationNodeTransformer,
  RawNode,
  type DataTypeNode,
  type KyselyPlugin,
  type OperationNode,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  type RootOperationNode,
  type UnknownRow,
} from "kysely";

/**
 * Gives each text column of a migration the order of its bytes, which is SQLite's. The order of the database, some
 * language's, would sort names differently, and could not find ids by their beginning.
 */
export class ByteOrderText implements KyselyPlugin {
  readonly #transformer = new Transformer();

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    return this.#transformer.transformNode(node, queryId);
  }

  transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return Promise.resolve(result);
  }
}

class Transformer extends OperationNodeTransformer {
  protected override transformDataType(node: DataTypeNode): DataTypeNode {
    // Where a type may stand, so may SQL; the types of the tree do not say so.
    const replaced: OperationNode = node.dataType === "text" ? RawNode.createWithSql('text collate "C"') : node;
    return replaced as DataTypeNode;
  }
}
