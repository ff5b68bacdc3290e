// As much of Node's types as the tests use, so that the type checker needs no package for them.

declare module 'node:test' {
  export function test(name: string, fn: () => void | Promise<void>): void;
  export function describe(name: string, fn: () => void): void;
  export function it(name: string, fn: () => void | Promise<void>): void;
}

declare module 'node:assert/strict' {
  interface Assert {
    (value: unknown, message?: string): asserts value;
    ok(value: unknown, message?: string): asserts value;
    equal<T>(got: unknown, want: T, message?: string): asserts got is T;
    notEqual(got: unknown, want: unknown, message?: string): void;
    deepEqual<T>(got: unknown, want: T, message?: string): asserts got is T;
    match(got: string, want: RegExp, message?: string): void;
    doesNotMatch(got: string, want: RegExp, message?: string): void;
    throws(fn: () => unknown, want?: RegExp | object): void;
    rejects(promise: Promise<unknown>, want?: RegExp | object): Promise<void>;
    fail(message?: string): never;
  }
  const assert: Assert;
  export default assert;
}

declare module 'node:fs' {
  export function readFileSync(path: URL, encoding: 'utf8'): string;
  export function readdirSync(path: URL, options: {recursive: boolean}): string[];
}

declare module 'node:fs/promises' {
  export function readFile(path: URL, encoding: 'utf8'): Promise<string>;
}

declare module 'node:url' {
  export function pathToFileURL(path: string): URL;
}

declare const process: {env: Record<string, string | undefined>};
