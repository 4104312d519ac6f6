import { findProduct } from "./catalogue.ts";

/** SKU -> quantity, at least 1. */
export type Cart = ReadonlyMap<string, number>;

export interface CartTotals {
  readonly items: number;
  readonly goodsCents: number;
  readonly shippingCents: number;
  readonly totalCents: number;
}

const SHIPPING_CENTS = 490;
const FREE_SHIPPING_FROM_CENTS = 5000;
export const LARGEST_QUANTITY = 99;

/** The cart with `quantity` of a product; 0 takes the product out. */
export function setQuantity(cart: Cart, sku: string, quantity: number): Cart {
  if (findProduct(sku) === undefined) throw new RangeError(`There is no product ${sku}`);
  if (!Number.isInteger(quantity) || quantity < 0 || quantity > LARGEST_QUANTITY) {
    throw new RangeError(`A quantity is a whole number from 0 to ${LARGEST_QUANTITY}`);
  }
  const changed = new Map(cart);
  if (quantity === 0) changed.delete(sku);
  else changed.set(sku, quantity);
  return changed;
}

/** What a cart costs. Shipping is free for an empty cart and from 50.00 on. */
export function totalsOf(cart: Cart): CartTotals {
  let items = 0;
  let goodsCents = 0;
  for (const [sku, quantity] of cart) {
    items += quantity;
    goodsCents += quantity * (findProduct(sku)?.priceCents ?? 0);
  }
  const shippingCents = items === 0 || goodsCents >= FREE_SHIPPING_FROM_CENTS ? 0 : SHIPPING_CENTS;
  return { items, goodsCents, shippingCents, totalCents: goodsCents + shippingCents };
}
