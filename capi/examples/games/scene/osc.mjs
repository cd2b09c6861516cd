// Open Sound Control as `undersong stream --osc` sends it: bundles of messages with floats, integers and strings.

// The messages of a packet, as [address, [arguments]]; none if it is no such packet.
export function messages(packet) {
  try {
    return read(packet, 0);
  } catch {
    return [];
  }
}

function read(packet, depth) {
  const [address, at] = text(packet, 0);
  if (address === "#bundle") {
    const found = [];
    // After a time tag of 8 bytes, parts that each say their size.
    for (let next = at + 8; next < packet.length;) {
      const size = packet.readInt32BE(next);
      if (size <= 0 || size > packet.length - next - 4 || depth > 3) throw new Error("a part of no size");
      found.push(...read(packet.subarray(next + 4, next + 4 + size), depth + 1));
      next += 4 + size;
    }
    return found;
  }
  if (!address.startsWith("/")) throw new Error("no address");
  let [types, next] = text(packet, at);
  const values = [];
  for (const type of types.slice(1)) {
    if (type === "f") values.push(packet.readFloatBE(next));
    else if (type === "i") values.push(packet.readInt32BE(next));
    else if (type === "s") {
      const [value, end] = text(packet, next);
      values.push(value);
      next = end - 4;
    } else throw new Error(`an argument of type ${type}`);
    next += 4;
  }
  return [[address, values]];
}

// A text, ended by a zero and filled up to four bytes; and where what follows begins.
function text(packet, from) {
  const end = packet.indexOf(0, from);
  if (end < 0) throw new Error("a text without an end");
  return [packet.toString("utf8", from, end), Math.ceil((end + 1) / 4) * 4];
}
