import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setQuantity, totalsOf, type Cart } from "../src/cart.ts";

function cartOf(items: Readonly<Record<string, number>>): Cart {
  return new Map(Object.entries(items));
}

describe("cart", () => {
  test("an empty cart costs nothing, not even shipping", () => {
    assert.deepEqual(totalsOf(cartOf({})), { items: 0, goodsCents: 0, shippingCents: 0, totalCents: 0 });
  });

  test("adds up the items and the shipping", () => {
    const totals = totalsOf(cartOf({ "tea-green": 2, "cup-set": 1 }));
    assert.deepEqual(totals, { items: 3, goodsCents: 3580, shippingCents: 490, totalCents: 4070 });
  });

  test("ships large orders for free", () => {
    assert.equal(totalsOf(cartOf({ "pot-glass": 2 })).shippingCents, 0);
  });

  test("a quantity of zero takes the product out", () => {
    assert.equal(setQuantity(cartOf({ "tea-black": 3 }), "tea-black", 0).size, 0);
  });

  test("a change leaves the cart it started from alone", () => {
    const cart = cartOf({});
    setQuantity(cart, "tea-black", 1);
    assert.equal(cart.size, 0);
  });

  for (const quantity of [-1, 1.5, 100, Number.NaN]) {
    test(`refuses a quantity of ${quantity}`, () => {
      assert.throws(() => setQuantity(cartOf({}), "tea-black", quantity), RangeError);
    });
  }

  test("refuses a product that does not exist", () => {
    assert.throws(() => setQuantity(cartOf({}), "coffee", 1), /no product coffee/);
  });
});
