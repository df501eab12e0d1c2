// Calls models through types that openapi-typescript wrote.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: process.argv[2] });

const work = await client.POST("/models/service::work", { body: { id: 7 } });
const count = await client.POST("/models/service::count", { body: { to: 3 } });
const refused = await client.POST("/models/service::work", { body: { id: 500 } });
// @ts-expect-error: an id is a number.
const invalid = await client.POST("/models/service::work", { body: { id: "seven" } });

console.log(JSON.stringify({
  value: work.data?.value,
  numbers: count.data?.map((number) => number.n),
  refused: {
    status: refused.response.status,
    kind: refused.error?.error?.kind,
    message: refused.error?.error?.message,
  },
  invalid: { status: invalid.response.status, pointer: invalid.error?.pointer },
}));
