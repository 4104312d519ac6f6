export interface Product {
  readonly sku: string;
  readonly title: string;
  /** In cents: money is never a fraction. */
  readonly priceCents: number;
}

const PRODUCTS: readonly Product[] = [
  { sku: "tea-green", title: "Green tea, 100 g", priceCents: 690 },
  { sku: "tea-black", title: "Black tea, 100 g", priceCents: 590 },
  { sku: "pot-glass", title: "Glass teapot, 1 l", priceCents: 3450 },
  { sku: "cup-set", title: "Four cups", priceCents: 2200 },
];

export function allProducts(): readonly Product[] {
  return PRODUCTS;
}

export function findProduct(sku: string): Product | undefined {
  return PRODUCTS.find((product) => product.sku === sku);
}
