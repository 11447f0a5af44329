/** What a reply preview shows of a text, in code points; the server cuts at the same place. */
const MOST_CODE_POINTS = 140;
let segmenter = /** @type {?Intl.Segmenter} */ (null); // costs a slow device 150 ms, and few texts are so long

/** What `reply_preview` of an answer says of a message in this state. */
export function previewOf({ seq, from, text, rev, edited_at, deleted }) {
  return {
    seq, from, text: deleted ? "" : cut(text),
    ...(rev && { rev }),
    ...(edited_at && !deleted && { edited: true }),
    ...(deleted && { deleted: true }),
  };
}

/**
 * The message with the preview that a changed message gives it, if that is the one that it answers and this is news;
 * else the same object.
 */
export function withPreviewOf(message, changed) {
  const { conversation_id, reply_preview } = message;
  const answers = reply_preview?.seq === changed.seq && conversation_id === changed.conversation_id;
  if (!answers || (changed.rev ?? 0) <= (reply_preview.rev ?? 0)) return message;
  return { ...message, reply_preview: previewOf(changed) };
}

/** The message without a preview of what has expired, below the first seq that has not; else the same object. */
export function withoutExpired(message, firstSeq) {
  if (!(message.reply_preview?.seq < firstSeq)) return message;
  const { reply_preview, ...rest } = message;
  return rest;
}

function cut(text) {
  if ([...text].length <= MOST_CODE_POINTS) return text;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let end = 0;
  let codePoints = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    codePoints += [...segment].length;
    if (codePoints > MOST_CODE_POINTS) break;
    end = index + segment.length;
  }
  return end ? text.slice(0, end) : [...text].slice(0, MOST_CODE_POINTS).join("");
}
