/**
 * Descriptions that are wrong in one place. The program has to find each, or else what it finds in the true one says
 * nothing: `change` falsifies, `of` is the operation to try, and `says` is what has to be said of it.
 */
export const FALSIFIED_REST = [
  {
    of: "contacts",
    change: ({ paths }) => delete paths["/v1/contact"].get.responses[200],
    says: /the status 200 is not described/,
  },
  {
    of: "contacts",
    change: ({ components }) => components.schemas.Contact.required.push("colour"),
    says: /must have required property 'colour'/,
  },
  {
    of: "createGroup",
    change: ({ components }) => delete components.schemas.Group.properties.updated_at,
    says: /must NOT have additional properties/,
  },
  {
    of: "openapi",
    change: ({ paths }) => (paths["/openapi.yaml"].get.responses[200].content = { "text/html": {} }),
    says: /200 is application\/yaml, which is not described/,
  },
  {
    of: "downloadFile",
    change: ({ components }) => (components.headers.ETag.schema = { const: "none" }),
    says: /the header ETag of 200/,
  },
  {
    of: "setRetention", // wider than the server
    change: ({ components }) => (components.schemas.NewRetention.properties.days.maximum = 1e6),
    says: /a valid request was answered with 400/,
  },
  {
    of: "createGroup", // narrower
    change: ({ paths }) => paths["/v1/groups"].post.requestBody.content["application/json"].schema.required.push("members"),
    says: /a broken request was answered with 201/,
  },
];

export const FALSIFIED_SOCKET = [
  {
    of: "create_group",
    change: ({ components }) => components.messages.create_group_reply.payload.required.push("colour"),
    says: /the reply: it must have required property 'colour'/,
  },
  {
    of: "create_group",
    change: ({ components }) => components.messages.conversation_event.payload.required.push("colour"),
    says: /^conversation: .*must have required property 'colour'/,
  },
  {
    of: "pins",
    change: ({ components }) => (components.messages.pins_request.payload.properties.limit.maximum = 5000),
    says: /a valid request was answered with bad_request/,
  },
  {
    of: "create_group",
    change: ({ components }) => components.messages.create_group_request.payload.required.push("members"),
    says: /a broken request was answered with ok/,
  },
  {
    of: "join",
    change: ({ operations }) => (operations.join.description = "For any user."),
    says: /the error code not_found is not listed/,
  },
];
