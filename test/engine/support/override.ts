/** The same port, but for some operations. */
export function override<Port extends object>(port: Port, operations: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, property) {
      const replaced: unknown = Reflect.get(operations, property);
      if (replaced !== undefined) return replaced;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
