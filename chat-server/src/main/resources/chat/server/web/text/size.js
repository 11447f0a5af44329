const UNITS = ["bytes", "KB", "MB", "GB"];

/** A number of bytes as people say it. */
export function sizeOf(bytes) {
  let unit = 0;
  let size = bytes;
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${unit ? size.toFixed(size < 10 ? 1 : 0) : size} ${UNITS[unit]}`;
}
