import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { setQuantity, totalsOf, type Cart } from "./cart.ts";
import { allProducts, findProduct } from "./catalogue.ts";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Handler = (parameters: readonly string[], request: IncomingMessage) => Answer | Promise<Answer>;

const LARGEST_BODY_BYTES = 10_000;
const LARGEST_CART_COUNT = 10_000;

/** The shop's HTTP interface. Carts live in memory, and the oldest makes room when there are too many. */
export function createStorefront(version: string): Server {
  const carts = new Map<string, Cart>();

  const routes: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
    ["GET", /^\/health$/, () => ({ status: 200, body: { status: "ok", version } })],
    ["GET", /^\/products$/, () => ({ status: 200, body: allProducts() })],
    ["GET", /^\/products\/([\w-]+)$/, ([sku = ""]) => found(findProduct(sku))],
    ["POST", /^\/carts$/, createCart],
    ["GET", /^\/carts\/([\w-]+)$/, ([id = ""]) => showCart(id)],
    ["PUT", /^\/carts\/([\w-]+)\/items\/([\w-]+)$/, changeCart],
  ];

  function createCart(): Answer {
    const [oldest] = carts.keys();
    if (carts.size >= LARGEST_CART_COUNT && oldest !== undefined) carts.delete(oldest);
    const id = randomUUID();
    carts.set(id, new Map());
    return { ...showCart(id), status: 201 };
  }

  function showCart(id: string): Answer {
    const cart = carts.get(id);
    return found(cart && { id, items: Object.fromEntries(cart), totals: totalsOf(cart) });
  }

  async function changeCart([id = "", sku = ""]: readonly string[], request: IncomingMessage): Promise<Answer> {
    const { quantity } = (await readJson(request)) as { quantity?: unknown };
    const cart = carts.get(id);
    if (cart === undefined) return found(undefined);
    carts.set(id, setQuantity(cart, sku, Number(quantity)));
    return showCart(id);
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { pathname } = new URL(request.url ?? "/", "http://storefront");
    for (const [method, path, handler] of routes) {
      const match = path.exec(pathname);
      if (match !== null && method === request.method) return handler(match.slice(1), request);
    }
    return found(undefined);
  }

  return createServer(async (request, response) => {
    const { status, body } = await answer(request).catch(failure);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
}

function found(body: unknown): Answer {
  return body === undefined ? { status: 404, body: { error: "not found" } } : { status: 200, body };
}

/** What the client did wrong is told; anything else is ours and stays here. */
function failure(error: unknown): Answer {
  if (error instanceof RangeError || error instanceof SyntaxError) {
    return { status: 400, body: { error: error.message } };
  }
  console.error(error);
  return { status: 500, body: { error: "internal error" } };
}

async function readJson(request: IncomingMessage): Promise<object> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request as AsyncIterable<string>) {
    text += chunk;
    if (text.length > LARGEST_BODY_BYTES) throw new RangeError("The body is too large");
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new SyntaxError("The body is not a JSON object");
  return value;
}
