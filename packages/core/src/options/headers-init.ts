// What `new Headers()` takes. The global type of this name is only in `lib: dom`.
export type HeadersInit = NonNullable<ConstructorParameters<typeof Headers>[0]>;
