// Placeholders for resources of a service: a cache that is written to the database, and the database.
const saying = (text: string) => async () => {
  console.log(text);
};

export const cache = { flush: saying("cache flushed") };
export const db = { close: saying("database closed") };
