/** Goes from segment to segment to the frame, which a camera's metadata may push out of reach. */
function longerSideOfJpeg(head: Buffer): number {
	for (let at = 2; at + 9 <= head.length; at += 2 + head.readUInt16BE(at + 2)) {
		const marker = head.readUInt8(at + 1);
		if (marker >= 0xc0 && marker <= 0xc3) {
			return Math.max(head.readUInt16BE(at + 5), head.readUInt16BE(at + 7));
		}
	}
	return 0;
}

/** Pixels on the longer side of a JPEG, PNG or WebP image; 0 for any other, and where its first bytes don't say. */
export function longerSideOf(mimeType: string, head: Buffer): number {
	if (head.length < 30) return 0;
	const bits = head.readUInt32LE(21);
	switch (mimeType === 'image/webp' ? head.toString('latin1', 12, 16) : mimeType) {
		case 'image/jpeg':
			return longerSideOfJpeg(head);
		case 'image/png':
			return Math.max(head.readUInt32BE(16), head.readUInt32BE(20));
		case 'VP8 ':
			return Math.max(head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff);
		case 'VP8L':
			return Math.max(bits & 0x3fff, (bits >>> 14) & 0x3fff) + 1;
		case 'VP8X':
			return Math.max(head.readUIntLE(24, 3), head.readUIntLE(27, 3)) + 1;
		default:
			return 0;
	}
}
