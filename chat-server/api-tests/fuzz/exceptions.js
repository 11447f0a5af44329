/**
 * Requests that fit their schema and are refused as bad all the same, for a reason that no schema can say: `says` is what
 * the server answers, and `told` has to be in the prose of the operation, or else the exception does not count.
 */
const REFUSALS = [
  { says: /before or after, not both/, told: /Not together with `after`/ },
  { says: /has no message \d+ yet|lies beyond its last message/, told: /beyond\s+the last\s+message/ },
  { says: /is direct, not a group/, told: /direct conversation/ },
  { says: /your own contact|themselves|to go oneself|the owner hands over/, told: /oneself|one's own|their own contact/ },
  { says: /kind must be one of/, told: /what else the operator has added/ },
  { says: /^token: /, told: /whose endpoint is an https address/ },
  { says: /^username (may|must|has|can)/, told: /The\s+pattern is wider/ },
  { says: /nothing to see|that can be seen|invisible character/, told: /must be seen|something to see|must be something to see/i },
  { says: /mentions must be of members/, told: /mention of one who is no member|no member/ },
  { says: /reply_to must be the seq of a message that exists/, told: /The seq of a message that the conversation has/ },
  { says: /text must not be empty/, told: /may be empty if the message has attachments/ },
  { says: /one RGI emoji/, told: /One RGI emoji/ },
  { says: /a webhook posts into a group/, told: /direct conversation/ },
  { says: /http or https URL with a host/, told: /An absolute URL with a host/ },
  { says: /^message \d+ is your own/, told: /also for an own message/ },
  { says: /there is no page behind/, told: /a `page` of an\s+earlier sync or connection is a `bad_request`/ },
  { says: /until may be at most 90 days/, told: /At most 90 days from now/ },
  { says: /next_before of a page before/, told: /The `next_before` of the page before/ },
];

export function isExplained({ prose }, message) {
  return REFUSALS.some(({ says, told }) => says.test(message) && told.test(prose));
}
